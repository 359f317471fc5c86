import type { Db, Tx } from "./ledger.ts";
import { type RunOfMigration, refuseEarlier } from "./runs.ts";
import type { ProviderCheckTable } from "./schema.ts";

/** Where an identity provider stands at the gate. */
export type ProviderCheck = Omit<ProviderCheckTable, "migration_id">;

export async function readProviderChecks(db: Db, migrationId: number): Promise<ProviderCheck[]> {
  return db
    .selectFrom("provider_checks")
    .select(["name", "state", "fault", "found", "reason", "earlier"])
    .where("migration_id", "=", migrationId)
    .orderBy("name")
    .execute();
}

/** Unless a later run has begun: its gate looks for itself. */
export async function replaceProviderChecks(
  tx: Tx,
  run: RunOfMigration,
  checks: readonly ProviderCheck[],
): Promise<void> {
  await refuseEarlier(tx, run);
  const { migrationId } = run;
  await tx.deleteFrom("provider_checks").where("migration_id", "=", migrationId).execute();
  if (checks.length === 0) return;
  await tx
    .insertInto("provider_checks")
    .values(checks.map((check) => ({ migration_id: migrationId, ...check })))
    .execute();
}
