import type { RawBuilder } from "kysely";
import { isPlainAddress } from "../plan/normalize.ts";
import type { EarlierAccount } from "../plan/signed-up-again.ts";
import { standsFor } from "../plan/stands-for.ts";
import { isOneOf, together } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { placedAmong } from "./placed.ts";
import { IS_LINKED } from "./plan.ts";
import { sourceUsersBySub } from "./source-users.ts";

interface Known {
  sub: string;
  email: string | null;
  emailVerified: number;
}

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
  if (plain.length === 0) return new Map();
  const rows = (
    await together(db, [
      () => goneSince(db, migrationId, listedSince, plain),
      () => neverListed(db, migrationId, plain),
    ])
  ).flat();
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

async function goneSince(
  db: Db,
  migrationId: number,
  listedSince: number | RawBuilder<number>,
  plain: readonly string[],
): Promise<Known[]> {
  // No walk was before the first.
  if (listedSince === 1) return [];
  const gone = () =>
    db
      .selectFrom("source_users")
      .select(["sub", "email", "email_verified as emailVerified", "cluster_key as key"])
      .where("migration_id", "=", migrationId)
      .where("generation", "<", listedSince);
  const [own = [], linked = []] = await together(db, [
    () =>
      gone()
        .where(isOneOf(db, "cluster_key", plain))
        .execute(),
    // Nobody takes the key away again that a link gave to somebody who is gone since.
    () =>
      gone()
        .where(isOneOf(db, "email", plain))
        .where(IS_LINKED)
        .execute(),
  ]);
  return [...own.filter(({ key, email }) => key === email), ...linked];
}

/** Whom the bridge brought, with the address that they had proven; a walk may have met nobody of them before they left. */
async function neverListed(db: Db, migrationId: number, plain: readonly string[]): Promise<Known[]> {
  const brought = await db
    .selectFrom("bridge_accounts")
    .select(["sub", "email"])
    .where("migration_id", "=", migrationId)
    .where(isOneOf(db, "email", plain))
    .execute();
  // Asked for together, a database may read everybody who is listed.
  const subs = brought.map(({ sub }) => sub);
  const listed = await sourceUsersBySub(db, migrationId, subs);
  return brought.filter(({ sub }) => !listed.has(sub)).map((one) => ({ ...one, emailVerified: 1 }));
}
