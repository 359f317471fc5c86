import type { FoundMember } from "../../destinations/structure.ts";
import type { DestinationUser } from "../../domain/records.ts";
import { standingIds } from "../../ledger/placed.ts";
import { type WrittenMembership, writtenAmong, writtenMemberships } from "../../ledger/verification.ts";
import { membershipOf } from "../../plan/keys.ts";
import { compareMissed } from "./compare.ts";
import { tellMember } from "./compare-memberships.ts";
import type { Miss, Misses } from "./confirm-misses.ts";
import { findAccount, followAccount } from "./follow-account.ts";
import type { Verifying } from "./verifying.ts";

const USER_MISSES_WALK = "verify:misses";
export const MEMBERSHIP_MISSES_WALK = "verify:memberships:misses";

/** Asked for by our key, then by their id. Outcomes are counted by reason, so whoever is gone is not counted here. */
export function missedUsers(verifying: Verifying): Misses<DestinationUser> {
  const { ledger, run } = verifying;
  return {
    kind: "user",
    name: USER_MISSES_WALK,
    whenGone: "removed",
    async missOf(placed) {
      const { key } = placed;
      const [written] = await ledger.read((db) => writtenAmong(db, run, [key]));
      return {
        example: key,
        find: (operation) => findAccount(verifying, placed, operation),
        tell(found, told) {
          if (found !== null && written !== undefined) compareMissed(verifying, written, found, told);
        },
        note: (tx, found) => followAccount(tx, run.migrationId, key, placed, found),
      };
    },
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
