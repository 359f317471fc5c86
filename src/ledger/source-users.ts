import { sql } from "kysely";
import type { SourceUser } from "../domain/pool.ts";
import { clustersBrought } from "../plan/links.ts";
import { clusterKeyOf, isFederatedOnly, isVerified, normalizeEmail } from "../plan/normalize.ts";
import { storable, storableKey } from "../plan/texts.ts";
import { isOneOf, isPostgres, listedRows } from "./dialect.ts";
import { isThereAlready } from "./errors.ts";
import type { Db, LedgerKind, Tx } from "./ledger.ts";
import { insertPacked, type PackedColumns, type PackedRows, packRows } from "./packed-rows.ts";
import type { RunOfMigration } from "./runs.ts";
import type { SourceUserTable } from "./schema.ts";

export type SourceUserRow = SourceUserTable;

/** Users of one page, ready to be written. */
export interface PackedUsers {
  rows: PackedRows;
  subs: readonly string[];
  identities: readonly IdentityRow[];
}

export function packSourceUsers(
  kind: LedgerKind,
  migrationId: number,
  generation: number,
  users: readonly SourceUser[],
): PackedUsers {
  // A page that names a sub twice would make the upsert meet its own row.
  const bySub = new Map(users.map((user) => [storableKey(user.sub), user]));
  const rows = [...bySub].map(([sub, user]) => toRow(migrationId, generation, sub, user));
  return {
    rows: packRows(kind, PACKED, rows),
    subs: [...bySub.keys()],
    identities: [...bySub].flatMap(([sub, { identities }]) =>
      identities.map(({ provider, userId }) => ({
        provider: storableKey(provider),
        user_id: storableKey(userId),
        sub,
      })),
    ),
  };
}

/**
 * Upserts users of the walk by sub. Returns how many of them this walk had not seen before.
 * A repeated page (a chain that started again) changes nothing.
 */
export async function upsertSourceUsers(
  tx: Tx,
  migrationId: number,
  generation: number,
  pages: readonly PackedUsers[],
): Promise<number> {
  const rows = pages.map((page) => page.rows);
  const count = rows.reduce((sum, page) => sum + page.count, 0);
  if (count === 0) return 0;
  const inserted = await insertNew(tx, generation, rows);
  const areAllNew = inserted === count;
  const gained = areAllNew ? inserted : await refresh(tx, migrationId, generation, pages, inserted);
  const identities = areAllNew ? pages.flatMap((page) => page.identities) : identitiesLastListed(pages);
  await addIdentities(tx, migrationId, identities);
  return gained;
}

/** Pages may share a user who was unlinked in between: as of the rows, the last page counts. */
function identitiesLastListed(pages: readonly PackedUsers[]): IdentityRow[] {
  const lastPages = new Map(pages.flatMap((page) => page.subs.map((sub) => [sub, page] as const)));
  return pages.flatMap((page) => page.identities.filter(({ sub }) => lastPages.get(sub) === page));
}

const FIRST_GENERATION = 1;

/** Returns how many of them were not there; on a first walk that is all there is to do. */
async function insertNew(tx: Tx, generation: number, rows: readonly PackedRows[]): Promise<number> {
  const whereMissing = () => insertPacked(tx, "source_users", PACKED, rows, "on conflict do nothing");
  if (!isPostgres(tx) || generation > FIRST_GENERATION) return whereMissing();
  // PostgreSQL takes a third longer where a row may be there already. In a first run only those are that Cognito lists twice.
  await sql`savepoint before_rows`.execute(tx);
  try {
    const inserted = await insertPacked(tx, "source_users", PACKED, rows, "");
    await sql`release savepoint before_rows`.execute(tx);
    return inserted;
  } catch (error) {
    if (!isThereAlready(error)) throw error;
    await sql`rollback to savepoint before_rows`.execute(tx);
    return whereMissing();
  }
}

/** Some users were there before, `inserted` were not: brings all up to date. Returns as `upsertSourceUsers`. */
async function refresh(
  tx: Tx,
  migrationId: number,
  generation: number,
  pages: readonly PackedUsers[],
  inserted: number,
): Promise<number> {
  const named = pages.flatMap((page) => page.subs);
  const subs = [...new Set(named)];
  const current = await sql`
    select sub from source_users
    where migration_id = ${migrationId} and generation = ${generation} and ${isOneOf(tx, "sub", subs)}`.execute(
    tx,
  );
  // Pages that share a user are written one after the other: the last one counts.
  for (const some of subs.length === named.length ? [pages] : pages.map((page) => [page]))
    await insertPacked(
      tx,
      "source_users",
      PACKED,
      some.map((page) => page.rows),
      ON_CONFLICT,
    );
  await tx
    .deleteFrom("identities")
    .where("migration_id", "=", migrationId)
    .where(isOneOf(tx, "sub", subs))
    .execute();
  return subs.length - (current.rows.length - inserted);
}

/** The columns and their types. */
const COLUMNS = {
  migration_id: "integer",
  sub: "text",
  username: "text",
  attributes: "text",
  status: "text",
  enabled: "integer",
  native: "integer",
  email: "text",
  email_verified: "integer",
  cluster_key: "text",
  created_at_ms: "bigint",
  modified_at_ms: "bigint",
  identities_broken: "integer",
  generation: "integer",
} as const satisfies Record<keyof SourceUserTable, string>;

const PACKED: PackedColumns<SourceUserTable> = {
  types: COLUMNS,
  repeats: { username: "sub", cluster_key: "email" },
};

const REPLACED = Object.keys(COLUMNS)
  .filter((name) => name !== "migration_id" && name !== "sub")
  .map((name) => `${name} = excluded.${name}`);
const ON_CONFLICT = `on conflict (migration_id, sub) do update set ${REPLACED.join(", ")}`;

/** Somebody whom no walk has read, as one would keep them. */
export function rowOf(migrationId: number, generation: number, user: SourceUser): SourceUserRow {
  return toRow(migrationId, generation, storableKey(user.sub), user);
}

function toRow(migrationId: number, generation: number, sub: string, user: SourceUser): SourceUserTable {
  const email = normalizeEmail(user.attributes.email);
  return {
    migration_id: migrationId,
    sub,
    username: user.username,
    attributes: JSON.stringify(user.attributes),
    status: user.status,
    enabled: user.enabled ? 1 : 0,
    native: isFederatedOnly(user.status) ? 0 : 1,
    email,
    email_verified: isVerified(user.attributes.email_verified) ? 1 : 0,
    cluster_key: clusterKeyOf(email, sub),
    created_at_ms: user.createdAtMs,
    modified_at_ms: user.modifiedAtMs,
    identities_broken: user.identitiesBroken ? 1 : 0,
    generation,
  };
}

const IDENTITY = { provider: "text", user_id: "text", sub: "text" };

async function addIdentities(tx: Tx, migrationId: number, identities: readonly IdentityRow[]): Promise<void> {
  if (identities.length === 0) return;
  await sql`
    insert into identities (migration_id, provider, user_id, sub)
    select cast(${migrationId} as integer), provider, user_id, sub
    from ${listedRows(tx, IDENTITY, identities)} where true
    on conflict do nothing`.execute(tx);
}

const MEMBER = { sub: "text" };

/** Notes that the walk of this run saw these people in the group; members whom it does not see count no more. */
export async function addGroupMembers(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  group: string,
  subs: readonly string[],
): Promise<void> {
  if (subs.length === 0) return;
  const rows = [...new Set(subs.map(storableKey))].map((sub) => ({ sub }));
  await sql`
    insert into group_members (migration_id, sub, group_name, generation)
    select cast(${migrationId} as integer), sub, cast(${storable(group)} as text), cast(${generation} as integer)
    from ${listedRows(tx, MEMBER, rows)} where true
    on conflict (migration_id, sub, group_name) do update set generation = excluded.generation`.execute(tx);
}

export async function sourceUsersBySub(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Map<string, SourceUserRow>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("source_users")
    .selectAll()
    .where("migration_id", "=", migrationId)
    .where(isOneOf(db, "sub", subs))
    .execute();
  return new Map(rows.map((row) => [row.sub, row]));
}

export interface IdentityRow {
  provider: string;
  user_id: string;
  sub: string;
}

/** Identities in order of (provider, user id, sub), after the given one. */
export async function identitiesAfter(
  db: Db,
  migrationId: number,
  after: IdentityRow | null,
  limit: number,
): Promise<IdentityRow[]> {
  let query = db
    .selectFrom("identities")
    .select(["provider", "user_id", "sub"])
    .where("migration_id", "=", migrationId)
    .orderBy("provider")
    .orderBy("user_id")
    .orderBy("sub")
    .limit(limit);
  if (after !== null)
    query = query.where(
      sql<boolean>`(provider, user_id, sub) > (${after.provider}, ${after.user_id}, ${after.sub})`,
    );
  return query.execute();
}

/** Those that these people hold. */
export async function identitiesAmong(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<IdentityRow[]> {
  if (subs.length === 0) return [];
  return db
    .selectFrom("identities")
    .select(["provider", "user_id", "sub"])
    .where("migration_id", "=", migrationId)
    .where(isOneOf(db, "sub", subs))
    .execute();
}

/** Names of the providers of each, in order; whoever has none is absent. */
export async function providersAmong(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Map<string, string[]>> {
  const held = await identitiesAmong(db, migrationId, subs);
  const bySub = Map.groupBy(held, ({ sub }) => sub);
  const names = (own: readonly IdentityRow[]) =>
    [...new Set(own.map(({ provider }) => provider))].sort((a, b) => (a < b ? -1 : 1));
  return new Map([...bySub].map(([sub, own]) => [sub, names(own)]));
}

/** Whoever holds one of these identities of a provider. */
export function holdersOf(
  db: Db,
  migrationId: number,
  provider: string,
  userIds: readonly string[],
): Promise<IdentityRow[]> {
  return db
    .selectFrom("identities")
    .select(["provider", "user_id", "sub"])
    .where("migration_id", "=", migrationId)
    .where("provider", "=", provider)
    .where(isOneOf(db, "user_id", userIds))
    .execute();
}

/** How many of these people's identities each provider has. */
export async function identitiesByProvider(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<{ provider: string; identities: number }[]> {
  const rows = await identitiesAmong(db, migrationId, subs);
  // Asked to group them, SQLite would read everybody's, which lie in order of provider.
  const own = Map.groupBy(rows, ({ provider }) => provider);
  return [...own].map(([provider, { length }]) => ({ provider, identities: length }));
}

/** Gives linked accounts one cluster key, and whomever they bring along. */
export async function setClusterKey(
  tx: Tx,
  migrationId: number,
  subs: readonly string[],
  clusterKey: string,
): Promise<void> {
  const linked = await tx
    .selectFrom("source_users")
    .select(["cluster_key as clusterKey", "email_verified"])
    .where("migration_id", "=", migrationId)
    .where(isOneOf(tx, "sub", subs))
    .execute();
  const joined = clustersBrought(linked.map((row) => ({ ...row, emailVerified: row.email_verified === 1 })));
  joined.delete(clusterKey);
  const rekey = tx
    .updateTable("source_users")
    .set({ cluster_key: clusterKey })
    .where("migration_id", "=", migrationId);
  if (joined.size > 0) await rekey.where(isOneOf(tx, "cluster_key", [...joined])).execute();
  await rekey.where(isOneOf(tx, "sub", subs)).execute();
}
