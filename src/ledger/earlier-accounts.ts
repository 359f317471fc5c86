import type { RawBuilder } from "kysely";
import { isKeyOfOne } from "../plan/normalize.ts";
import type { EarlierAccount } from "../plan/signed-up-again.ts";
import { standsFor } from "../plan/stands-for.ts";
import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { placedAmong } from "./placed.ts";

/**
 * By cluster key: people whom no walk since that generation has listed, and whose account stands. Whoever took an address
 * after the import, unverified, and was deleted then has no account with it: nobody waits for them.
 */
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
    .select(["cluster_key as key", "sub", "email", "email_verified as emailVerified"])
    .where("migration_id", "=", migrationId)
    .where("generation", "<", listedSince)
    .where(isOneOf(db, "cluster_key", keys))
    .execute();
  const subs = rows.map(({ sub }) => sub);
  const placed = await placedAmong(db, migrationId, "user", subs);
  // Asked for them in this order, a database would read everybody, who lie in it.
  const ordered = rows.toSorted((one, other) => (one.sub < other.sub ? -1 : 1));
  const standing = ordered.filter(({ sub, email, emailVerified }) => {
    const { state, fingerprint = null } = placed.get(sub) ?? {};
    const known = { emailVerified: emailVerified === 1, fingerprint };
    return state === "standing" && email !== null && standsFor(known, email);
  });
  return Map.groupBy(standing, (row) => row.key);
}
