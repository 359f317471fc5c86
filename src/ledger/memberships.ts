import { isOneOf } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";

/** One person in one organization, as planned. */
export interface Membership {
  /** Of the account that stands for the person. */
  sub: string;
  /** The organization's key. */
  organization: string;
  /** Slugs, the most important first. */
  roles: readonly string[];
}

export interface StoredMembership extends Membership {
  key: string;
}

/** A sub holds no space. */
export function membershipKey({ sub, organization }: Pick<Membership, "sub" | "organization">): string {
  return `${sub} ${organization}`;
}

/** Which groups each of these people is in. */
export async function groupsOf(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Map<string, string[]>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("group_members")
    .select(["sub", "group_name as group"])
    .where("migration_id", "=", migrationId)
    .where(isOneOf(db, "sub", subs))
    .execute();
  const bySub = Map.groupBy(rows, (row) => row.sub);
  return new Map([...bySub].map(([sub, own]) => [sub, own.map((row) => row.group)]));
}

/** Adds memberships, or brings those that are there up to date. Returns the keys that are new. */
export async function upsertMemberships(
  tx: Tx,
  migrationId: number,
  generation: number,
  memberships: readonly Membership[],
): Promise<string[]> {
  if (memberships.length === 0) return [];
  const keys = memberships.map(membershipKey);
  const known = new Set((await membershipsByKey(tx, migrationId, keys)).keys());
  await tx
    .insertInto("memberships")
    .values(
      memberships.map((membership) => ({
        migration_id: migrationId,
        key: membershipKey(membership),
        sub: membership.sub,
        organization: membership.organization,
        roles: JSON.stringify(membership.roles),
        generation,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(["migration_id", "key"]).doUpdateSet((eb) => ({
        roles: eb.ref("excluded.roles"),
        generation: eb.ref("excluded.generation"),
      })),
    )
    .execute();
  return keys.filter((key) => !known.has(key));
}

export async function membershipsByKey(
  db: Db,
  migrationId: number,
  keys: readonly string[],
): Promise<Map<string, StoredMembership>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .selectFrom("memberships")
    .select(["key", "sub", "organization", "roles"])
    .where("migration_id", "=", migrationId)
    .where(isOneOf(db, "key", keys))
    .execute();
  // Written by upsertMemberships only.
  return new Map(rows.map((row) => [row.key, { ...row, roles: JSON.parse(row.roles) as string[] }]));
}

/** Keys of these people's memberships that the newest plan does not have any more. */
export async function staleMemberships(
  db: Db,
  migrationId: number,
  generation: number,
  subs: readonly string[],
): Promise<string[]> {
  if (subs.length === 0) return [];
  const rows = await db
    .selectFrom("memberships")
    .select("key")
    .where("migration_id", "=", migrationId)
    .where("generation", "!=", generation)
    .where(isOneOf(db, "sub", subs))
    .execute();
  return rows.map((row) => row.key);
}
