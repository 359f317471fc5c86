import { sql } from "kysely";
import { storable } from "../plan/texts.ts";
import type { Tx } from "./ledger.ts";

/** Of activities that fail before it is known which migration they are about. */
export const OF_NO_MIGRATION = 0;

/** Counts an unexpected failure of an activity; returns how often it has failed in this way. */
export async function countFailure(
  tx: Tx,
  failure: { migrationId: number; activity: string; signature: string; detail: string },
): Promise<number> {
  const signature = storable(failure.signature);
  const detail = storable(failure.detail);
  const row = await tx
    .insertInto("activity_failures")
    .values({
      migration_id: failure.migrationId,
      activity: failure.activity,
      signature,
      failures: 1,
      detail,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["migration_id", "activity", "signature"])
        .doUpdateSet({ failures: sql<number>`activity_failures.failures + 1`, detail }),
    )
    .returning("failures")
    .executeTakeFirstOrThrow();
  return row.failures;
}

/** An operator looked at it: the count starts again. */
export async function forgetFailures(tx: Tx, migrationId: number): Promise<void> {
  await tx.deleteFrom("activity_failures").where("migration_id", "=", migrationId).execute();
}
