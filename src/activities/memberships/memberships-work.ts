import type { Destination } from "../../destinations/destination.ts";
import type { MembershipRecord, PlannedMembership } from "../../domain/records.ts";
import type { Prepared, Work } from "../../engine/batch/work.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { placedAmong, standingIds } from "../../ledger/placed.ts";
import { itemsAmong } from "../../ledger/queue-questions.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import { plannedRecord } from "../fan-out/planned-record.ts";

/** One membership for each person and organization. */
export function membershipsWork(
  ledger: Ledger,
  destination: Destination,
  run: RunOfMigration,
): Work<MembershipRecord> {
  const { migrationId } = run;
  const standing = (planned: readonly PlannedMembership[]) =>
    ledger.read(async (db) => {
      const subs = planned.map(({ sub }) => sub);
      const organizations = planned.map(({ organization }) => organization);
      return {
        users: await placedAmong(db, migrationId, "user", subs),
        ofThisRun: await itemsAmong(db, run, "users", "user", subs),
        organizations: await standingIds(db, migrationId, "organization", organizations),
      };
    });

  return {
    sender: destination.memberships,
    async prepare(items) {
      const planned = items.map(plannedRecord<PlannedMembership>);
      const { users, ofThisRun, organizations } = await standing(planned.map(({ record }) => record));
      return planned.map(({ record: { sub, organization, roles }, fingerprint }) => {
        const user = users.get(sub);
        const organizationId = organizations.get(organization);
        if (user?.state !== "standing" || user.destinationId === null) return skipped("user_not_imported");
        if (organizationId === undefined) return skipped("organization_missing");
        const record = { userId: user.destinationId, organizationId, roles };
        // Whoever was there before this run may have a membership that was taken away: a create would bring it back.
        return { record, fingerprint, mayExist: user.how !== "created" || !ofThisRun.has(sub) };
      });
    },
  };
}

function skipped(reason: "user_not_imported" | "organization_missing"): Prepared<MembershipRecord> {
  return { outcome: { kind: "skipped", reason } };
}
