import type { RawBuilder } from "kysely";
import { isKeyOfOne } from "../plan/normalize.ts";
import type { EarlierAccount } from "../plan/signed-up-again.ts";
import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { standingIds } from "./placed.ts";

/** By cluster key: people whom no walk since that generation has listed, and whose account stands. */
export async function earlierAccounts(
  db: Db,
  migrationId: number,
  listedSince: number | RawBuilder<number>,
  clusterKeys: Iterable<string>,
): Promise<Map<string, EarlierAccount[]>> {
  const keys = [...new Set(clusterKeys)].filter((key) => !isKeyOfOne(key));
  // No walk was before the first.
  if (keys.length === 0 || listedSince === 1) return new Map();
  const rows = await db
    .selectFrom("source_users")
    .select(["cluster_key as key", "sub", "email"])
    .where("migration_id", "=", migrationId)
    .where("generation", "<", listedSince)
    .where(isOneOf(db, "cluster_key", keys))
    .execute();
  const subs = rows.map(({ sub }) => sub);
  const standing = await standingIds(db, migrationId, "user", subs);
  // Asked for them in this order, a database would read everybody, who lie in it.
  const ordered = rows.toSorted((one, other) => (one.sub < other.sub ? -1 : 1));
  return Map.groupBy(
    ordered.filter(({ sub }) => standing.has(sub)),
    (row) => row.key,
  );
}
