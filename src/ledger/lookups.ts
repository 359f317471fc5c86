import { storable } from "../plan/texts.ts";
import type { Db } from "./ledger.ts";
import { IS_LINKED } from "./plan.ts";
import { type MigrationRow, readMigration } from "./runs.ts";

/** What an operator asks about single people and errors. */

export async function allMigrations(db: Db): Promise<MigrationRow[]> {
  const rows = await db.selectFrom("migrations").select("id").orderBy("id").execute();
  return Promise.all(rows.map((row) => readMigration(db, row.id)));
}

/** Everyone of the newest snapshot with this (normalised) address. */
export async function subsByEmail(
  db: Db,
  { id, generation }: { id: number; generation: number },
  email: string,
): Promise<string[]> {
  const withAddress = db
    .selectFrom("source_users")
    .select("sub")
    .where("migration_id", "=", id)
    .where("generation", "=", generation)
    .where("email", "=", storable(email));
  const own = await withAddress.where("cluster_key", "=", storable(email)).execute();
  const linked = await withAddress.where(IS_LINKED).execute();
  return [...own, ...linked].map(({ sub }) => sub).sort();
}

export interface ActivityFailure {
  activity: string;
  failures: number;
  /** The newest one, in full: may hold personal data. */
  detail: string;
}

export async function activityFailures(db: Db, migrationId: number): Promise<ActivityFailure[]> {
  return db
    .selectFrom("activity_failures")
    .select(["activity", "failures", "detail"])
    .where("migration_id", "=", migrationId)
    .orderBy("activity")
    .execute();
}
