import type { FoundMember } from "../../destinations/structure.ts";
import type { DestinationUser } from "../../domain/records.ts";
import { standingIds } from "../../ledger/placed.ts";
import { type WrittenMembership, writtenMemberships } from "../../ledger/verification.ts";
import { membershipOf } from "../../plan/keys.ts";
import { tellMember } from "./compare-memberships.ts";
import type { Miss, Misses } from "./confirm-misses.ts";
import { findAccount, followAccount } from "./follow-account.ts";
import type { Verifying } from "./verifying.ts";

const USER_MISSES_WALK = "verify:misses";
export const MEMBERSHIP_MISSES_WALK = "verify:memberships:misses";

/** Asked for by our key. Their outcomes are counted by reason, so nothing is counted here. */
export function missedUsers(verifying: Verifying): Misses<DestinationUser> {
  return {
    kind: "user",
    name: USER_MISSES_WALK,
    whenGone: "removed",
    missOf: async (placed) => ({
      example: placed.key,
      find: (operation) => findAccount(verifying, placed, operation),
      tell: () => {},
      note: (tx, found) => followAccount(tx, verifying.run.migrationId, placed.key, placed, found),
    }),
  };
}

/** Asked for by the destination's ids of person and organization. */
export function missedMemberships(verifying: Verifying): Misses<FoundMember> {
  const { ledger, run } = verifying;
  return {
    kind: "membership",
    name: MEMBERSHIP_MISSES_WALK,
    whenGone: "removed",
    async missOf({ key }) {
      const [written] = await ledger.read((db) => writtenMemberships(db, run, [key]));
      if (written === undefined) throw new Error("A membership stands that no plan ever had.");
      return missOf(verifying, written);
    },
  };
}

async function missOf(verifying: Verifying, written: WrittenMembership): Promise<Miss<FoundMember>> {
  const { ledger, destination, run } = verifying;
  const { sub, organization } = membershipOf(written.key);
  const { userId, organizationId } = await ledger.read(async (db) => ({
    userId: (await standingIds(db, run.migrationId, "user", [sub])).get(sub),
    organizationId: (await standingIds(db, run.migrationId, "organization", [organization])).get(
      organization,
    ),
  }));
  const tell: Miss<FoundMember>["tell"] = (found, told) => tellMember(written, found, told);
  // An account or an organization that is found removed took its memberships along.
  if (userId === undefined || organizationId === undefined)
    return { example: sub, find: async () => ({ ok: true, value: null }), tell };
  return { example: sub, find: () => destination.memberships.find(userId, organizationId), tell };
}
