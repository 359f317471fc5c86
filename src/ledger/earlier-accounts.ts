import type { RawBuilder } from "kysely";
import { isPlainAddress } from "../plan/normalize.ts";
import type { EarlierAccount } from "../plan/signed-up-again.ts";
import { standsFor } from "../plan/stands-for.ts";
import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { placedAmong } from "./placed.ts";
import { IS_LINKED } from "./plan.ts";

/**
 * By address: people whom no walk since that generation has listed, and whose account stands, or was removed. Whoever
 * took an address after the import, unverified, and was deleted then has no account with it: nobody waits for them.
 */
export async function earlierAccounts(
  db: Db,
  migrationId: number,
  listedSince: number | RawBuilder<number>,
  addresses: Iterable<string>,
): Promise<Map<string, EarlierAccount[]>> {
  const plain = [...new Set(addresses)].filter(isPlainAddress);
  // No walk was before the first.
  if (plain.length === 0 || listedSince === 1) return new Map();
  const gone = () =>
    db
      .selectFrom("source_users")
      .select(["sub", "email", "email_verified as emailVerified", "cluster_key as key"])
      .where("migration_id", "=", migrationId)
      .where("generation", "<", listedSince);
  const own = await gone()
    .where(isOneOf(db, "cluster_key", plain))
    .execute();
  // Nobody takes the key away again that a link gave to somebody who is gone since.
  const linked = await gone()
    .where(isOneOf(db, "email", plain))
    .where(IS_LINKED)
    .execute();
  const rows = [...own.filter(({ key, email }) => key === email), ...linked];
  const subs = rows.map(({ sub }) => sub);
  const placed = await placedAmong(db, migrationId, "user", subs);
  // Asked for them in this order, a database would read everybody, who lie in it.
  const ordered = rows.toSorted((one, other) => (one.sub < other.sub ? -1 : 1));
  const earlier = ordered.flatMap(({ sub, email, emailVerified }) => {
    const { state, fingerprint = null } = placed.get(sub) ?? {};
    if (email === null || (state !== "standing" && state !== "removed")) return [];
    const known = { emailVerified: emailVerified === 1, fingerprint };
    return standsFor(known, email) ? [{ sub, email, removed: state === "removed" }] : [];
  });
  return Map.groupBy(earlier, (one) => one.email);
}
