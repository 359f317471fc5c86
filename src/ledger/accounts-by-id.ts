import { sql } from "kysely";
import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";

/** People by what the destination calls their accounts. */

/** Of the predicate of the indexes for it, word for word; an id that is asked for is never null. */
const IS_USER = sql<boolean>`kind = 'user'`;

/** Subs by account, of those that stand here, or stood, or may; one that nobody here knows is absent. */
export function subsByAccount(
  db: Db,
  migrationId: number,
  accountIds: readonly string[],
): Promise<Map<string, string>> {
  return subsIn(db, "placed", migrationId, accountIds);
}

/** The same of accounts that this migration made and removed again. */
export function subsByTakenBack(
  db: Db,
  migrationId: number,
  accountIds: readonly string[],
): Promise<Map<string, string>> {
  return subsIn(db, "taken_back", migrationId, accountIds);
}

async function subsIn(
  db: Db,
  table: "placed" | "taken_back",
  migrationId: number,
  accountIds: readonly string[],
): Promise<Map<string, string>> {
  if (accountIds.length === 0) return new Map();
  const people = await db
    .selectFrom(table)
    .select(["key as sub", "destination_id as accountId"])
    .where("migration_id", "=", migrationId)
    .where(IS_USER)
    .where(isOneOf(db, "destination_id", accountIds))
    .execute();
  return new Map(people.flatMap(({ sub, accountId }) => (accountId === null ? [] : [[accountId, sub]])));
}
