import type { DestinationUser } from "../../destinations/destination.ts";
import type { FoundMember } from "../../destinations/structure.ts";
import { destinationIds, placedAt } from "../../ledger/entities.ts";
import { type WrittenMembership, writtenMemberships } from "../../ledger/verification.ts";
import { organizationKey } from "../structure/structure-work.ts";
import { countMember } from "./compare-memberships.ts";
import type { Miss, Misses } from "./confirm-misses.ts";
import type { Verifying } from "./verifying.ts";

export const MEMBERSHIP_MISSES_WALK = "verify:memberships:misses";

/** Asked for by our key. Their outcomes are counted by reason, so nothing is counted here. */
export function missedUsers({ destination }: Verifying): Misses<DestinationUser> {
  return {
    phase: "users",
    name: "verify:misses",
    missOf: async ({ key }) => ({ find: () => destination.findUser(key), count: () => {} }),
  };
}

/** Asked for by the destination's ids of person and organization. */
export function missedMemberships(verifying: Verifying): Misses<FoundMember> {
  const { ledger, run } = verifying;
  return {
    phase: "memberships",
    name: MEMBERSHIP_MISSES_WALK,
    async missOf({ key }) {
      const [written] = await ledger.read((db) =>
        writtenMemberships(db, run.migrationId, run.generation, [key]),
      );
      if (written === undefined) throw new Error("A work item of memberships has no membership.");
      return missOf(verifying, written);
    },
  };
}

async function missOf(verifying: Verifying, written: WrittenMembership): Promise<Miss<FoundMember>> {
  const { ledger, destination, run } = verifying;
  const { sub } = written;
  const organization = organizationKey(written.organization);
  const { user, organizationId } = await ledger.read(async (db) => {
    const organizations = await destinationIds(
      db,
      run.migrationId,
      ["credentials", "structure"],
      [organization],
    );
    const users = await placedAt(db, run.migrationId, ["users"], [sub]);
    return { user: users.get(sub), organizationId: organizations.get(organization) };
  });
  const count: Miss<FoundMember>["count"] = (found, tally) => countMember(written, found, tally);
  if (organizationId === undefined) throw new Error("A membership stands without its organization.");
  // An account that is found removed took its memberships along.
  if (user === undefined) return { find: async () => ({ ok: true, value: null }), count };
  return { find: () => destination.structure.findMembership(user.destinationId, organizationId), count };
}
