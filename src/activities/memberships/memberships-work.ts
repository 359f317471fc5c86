import type { Destination } from "../../destinations/destination.ts";
import type { PlannedMembership } from "../../domain/records.ts";
import type { Prepared, Work } from "../../engine/batch/work.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type Placed, placedAmong, standingIds } from "../../ledger/placed.ts";
import { type ItemStanding, itemsAmong } from "../../ledger/queue-questions.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import { lookAgain } from "../fan-out/look-again.ts";
import { plannedRecord } from "../fan-out/planned-record.ts";
import { type PlacedMembership, untilMadeAnew } from "./made-anew.ts";

/** From claim to outcome. Whoever took longer, by a pause or an outage, is one of few, and looked up. */
const MADE_WITHIN_MS = 60 * 60_000;

/** One membership for each person and organization. */
export function membershipsWork(
  ledger: Ledger,
  destination: Destination,
  run: RunOfMigration,
): Work<PlacedMembership> {
  const { migrationId } = run;
  const standing = (planned: readonly PlannedMembership[]) =>
    ledger.read(async (db) => {
      const subs = planned.map(({ sub }) => sub);
      const organizations = planned.map(({ organization }) => organization);
      return {
        users: await placedAmong(db, migrationId, "user", subs),
        imports: await itemsAmong(db, run, "users", "user", subs),
        organizations: await standingIds(db, migrationId, "organization", organizations),
      };
    });

  return {
    sender: untilMadeAnew(destination.memberships, (organization, beforeEach) =>
      lookAgain({ ledger, destination, migrationId }, organization, beforeEach),
    ),
    async prepare(items) {
      const planned = items.map(plannedRecord<PlannedMembership>);
      const { users, imports, organizations } = await standing(planned.map(({ record }) => record));
      return planned.map(({ record: { sub, organization, roles }, fingerprint }) => {
        const user = users.get(sub);
        const organizationId = organizations.get(organization);
        if (user?.state !== "standing" || user.destinationId === null) return skipped("user_not_imported");
        if (organizationId === undefined) return skipped("organization_missing");
        const record = { userId: user.destinationId, organization, organizationId, roles };
        // Whoever was there before may have a membership that was taken away: a create would bring it back.
        return { record, fingerprint, mayExist: !isNew(user, imports.get(sub)) };
      });
    },
  };
}

/**
 * Made by this run's own import, as its row tells by the time of its first claim: the bridge may have made it weeks ago.
 * So may a create whose doubt lasted.
 */
function isNew({ how, firstClaimedAtMs, writtenAtMs }: Placed, ownImport: ItemStanding | undefined): boolean {
  const isOwn = how === "created" && ownImport?.firstClaimedAtMs === firstClaimedAtMs;
  return isOwn && writtenAtMs !== null && writtenAtMs - firstClaimedAtMs < MADE_WITHIN_MS;
}

function skipped(reason: "user_not_imported" | "organization_missing"): Prepared<PlacedMembership> {
  return { outcome: { kind: "skipped", reason } };
}
