import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";

/** Every attribute of these users, as the newest walk that listed them read it; who is not known is absent. */
export async function attributesOf(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Map<string, Record<string, string>>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("source_users")
    .select(["sub", "attributes"])
    .where("migration_id", "=", migrationId)
    .where(isOneOf(db, "sub", subs))
    .execute();
  // Written by upsertSourceUsers only.
  return new Map(rows.map((row) => [row.sub, JSON.parse(row.attributes) as Record<string, string>]));
}
