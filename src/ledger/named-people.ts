import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { placedAmong } from "./placed.ts";
import { sourceUsersBySub } from "./source-users.ts";

/** Which of these subs the newest walk listed. */
export async function listedAmong(
  db: Db,
  migrationId: number,
  generation: number,
  subs: readonly string[],
): Promise<Set<string>> {
  if (subs.length === 0) return new Set();
  const rows = await db
    .selectFrom("source_users")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where(isOneOf(db, "sub", subs))
    .execute();
  return new Set(rows.map(({ sub }) => sub));
}

/** Which of these are somebody whom any walk listed, or who has an account by this migration. */
export async function knownAmong(db: Db, migrationId: number, keys: readonly string[]): Promise<Set<string>> {
  const listed = await sourceUsersBySub(db, migrationId, keys);
  const placed = await placedAmong(db, migrationId, "user", keys);
  return new Set([...listed.keys(), ...placed.keys()]);
}

export interface Named {
  sub: string;
  username: string;
}

/** People of the newest walk in order of sub, after the given one: usernames have no index of their own. */
export async function usernamesAfter(
  db: Db,
  migrationId: number,
  generation: number,
  after: string | null,
  count: number,
): Promise<Named[]> {
  let query = db
    .selectFrom("source_users")
    .select(["sub", "username"])
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .orderBy("sub")
    .limit(count);
  if (after !== null) query = query.where("sub", ">", after);
  return query.execute();
}
