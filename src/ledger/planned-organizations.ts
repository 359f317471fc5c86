import type { Db } from "./ledger.ts";
import type { RunOfMigration } from "./runs.ts";

/** Keys of the organizations of this run's plan, in the file's words, after the given one. */
export async function plannedOrganizations(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  after: string | null,
  limit: number,
): Promise<string[]> {
  let query = db
    .selectFrom("planned_objects")
    .select("key")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "organization")
    .where("generation", "=", generation)
    .orderBy("key")
    .limit(limit);
  if (after !== null) query = query.where("key", ">", after);
  return (await query.execute()).map(({ key }) => key);
}
