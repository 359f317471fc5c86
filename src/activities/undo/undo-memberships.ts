import { NOTHING } from "../../destinations/by-intent.ts";
import type { Destination } from "../../destinations/destination.ts";
import type { MadeMembership } from "../../destinations/structure.ts";
import type { Prepared, Work } from "../../engine/batch/work.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type Placed, placedAmong, standingIds } from "../../ledger/placed.ts";
import type { ClaimedItem } from "../../ledger/queue.ts";
import { membershipOf } from "../../plan/keys.ts";

/** Memberships that were made of accounts that stay; those of others go with them. */
export function undoMemberships(
  ledger: Ledger,
  destination: Destination,
  migrationId: number,
): Work<MadeMembership> {
  const { removals = NOTHING } = destination.memberships;
  return {
    sender: removals,
    async prepare(items) {
      const keys = items.map(({ key }) => membershipOf(key));
      const subs = keys.map(({ sub }) => sub);
      const organizations = keys.map(({ organization }) => organization);
      const accounts = await ledger.read((db) => placedAmong(db, migrationId, "user", subs));
      const ids = await ledger.read((db) => standingIds(db, migrationId, "organization", organizations));
      const memberships = await ledger.read((db) =>
        placedAmong(
          db,
          migrationId,
          "membership",
          items.map(({ key }) => key),
        ),
      );
      return items.map((item) => prepared(item, memberships.get(item.key), accounts, ids));
    },
  };
}

/** One that has an id is removed by it; of one in doubt, whatever it belongs to has to be known to find it. */
function prepared(
  { key }: ClaimedItem,
  membership: Placed | undefined,
  accounts: ReadonlyMap<string, Placed>,
  organizations: ReadonlyMap<string, string>,
): Prepared<MadeMembership> {
  const { sub, organization } = membershipOf(key);
  const userId = accounts.get(sub)?.destinationId ?? null;
  const organizationId = organizations.get(organization);
  if (membership === undefined) return { outcome: { kind: "removed" } };
  const { destinationId } = membership;
  if (destinationId === null && (userId === null || organizationId === undefined))
    return { outcome: { kind: "removed" } };
  const record = { destinationId, userId: userId ?? "", organizationId: organizationId ?? "" };
  return { record, fingerprint: "" };
}
