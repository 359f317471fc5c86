import { isOneOf } from "./dialect.ts";
import { buildIndex } from "./indexes.ts";
import type { Db, Tx } from "./ledger.ts";

/** People by what the destination calls their accounts. */

/**
 * Makes the index for it, unless it is there. The account comes first, so that nobody who looks up keys takes this index for
 * it.
 */
export async function indexAccounts(tx: Tx): Promise<void> {
  await buildIndex(tx, "create index if not exists placed_account on placed (destination_id, migration_id)");
}

/** Subs by account; one that nobody here knows is absent. Wants the index. */
export async function subsByAccount(
  db: Db,
  migrationId: number,
  accountIds: readonly string[],
): Promise<Map<string, string>> {
  if (accountIds.length === 0) return new Map();
  const people = await db
    .selectFrom("placed")
    .select(["key as sub", "destination_id as accountId"])
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "user")
    .where(isOneOf(db, "destination_id", accountIds))
    .execute();
  return new Map(people.flatMap(({ sub, accountId }) => (accountId === null ? [] : [[accountId, sub]])));
}
