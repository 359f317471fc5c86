import type { RawBuilder } from "kysely";
import { isKeyOfOne } from "../plan/normalize.ts";
import type { EarlierAccount } from "../plan/signed-up-again.ts";
import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";

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
    .selectFrom("source_users as u")
    .innerJoin("placed as p", (join) =>
      join
        .onRef("p.migration_id", "=", "u.migration_id")
        .on("p.kind", "=", "user")
        .onRef("p.key", "=", "u.sub")
        .on("p.state", "=", "standing"),
    )
    .select(["u.cluster_key as key", "u.sub as sub", "u.email as email"])
    .where("u.migration_id", "=", migrationId)
    .where("u.generation", "<", listedSince)
    .where(isOneOf(db, "u.cluster_key", keys))
    .orderBy("u.sub")
    .execute();
  return Map.groupBy(rows, (row) => row.key);
}
