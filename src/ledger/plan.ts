import { sql } from "kysely";
import type { Action, Reason } from "../domain/outcomes.ts";
import type { Decision } from "../plan/decide.ts";
import { isPlainAddress } from "../plan/normalize.ts";
import { isOneOf, listedRows } from "./dialect.ts";
import { sampleStatistics } from "./first-statistics.ts";
import { buildIndex } from "./indexes.ts";
import type { Db, Tx } from "./ledger.ts";
import { type Placed, placedAmong } from "./placed.ts";
import type { RunOfMigration } from "./runs.ts";
import { identitiesAmong, type SourceUserRow } from "./source-users.ts";

/** A source user, and what stands of them at the destination. */
export interface PlannedUser extends SourceUserRow {
  /** Undefined for somebody who was never tried. */
  placed: Placed | undefined;
  /** Each as one text, where `withIdentities` says that they decide. */
  identities?: readonly string[];
}

/**
 * Makes the index that finds the people of a cluster, unless it is there, and the one of those who have another key than their
 * address: of accounts that the plan links. Sorting the keys of a full table takes a fraction of what
 * keeping them sorted costs while the table fills. Ten million users take about a minute, in which nobody else writes.
 */
export async function indexClusters(tx: Tx): Promise<void> {
  await buildIndex(
    tx,
    "create index if not exists source_users_cluster on source_users (migration_id, cluster_key, sub)",
  );
  await buildIndex(
    tx,
    "create index if not exists source_users_linked on source_users (migration_id, email) where cluster_key <> email",
  );
  // Each share of the plan comes by here: the table may have grown since.
  await sampleStatistics(tx, ["source_users"]);
}

/** The predicate of the index `source_users_linked`, word for word: SQLite uses the index for no other wording. */
export const IS_LINKED = sql<boolean>`cluster_key <> email`;

/** Source users of this generation in order of sub, after the given one. */
export function sourceUsersAfter(
  db: Db,
  run: RunOfMigration,
  afterSub: string,
  limit: number,
): Promise<SourceUserRow[]> {
  return listed(db, run).where("sub", ">", afterSub).orderBy("sub").limit(limit).execute();
}

/** The people of one cluster, in order of sub, after the given one. */
export function clusterAfter(
  db: Db,
  run: RunOfMigration,
  clusterKey: string,
  afterSub: string,
  limit: number,
): Promise<SourceUserRow[]> {
  return listed(db, run)
    .where("cluster_key", "=", clusterKey)
    .where("sub", ">", afterSub)
    .orderBy("sub")
    .limit(limit)
    .execute();
}

function listed(db: Db, { migrationId, generation }: RunOfMigration) {
  return db
    .selectFrom("source_users")
    .selectAll()
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation);
}

/** The people of these clusters. */
export async function clustersAmong(
  db: Db,
  run: RunOfMigration,
  clusterKeys: readonly string[],
): Promise<Map<string, SourceUserRow[]>> {
  if (clusterKeys.length === 0) return new Map();
  const users = await listed(db, run)
    .where(isOneOf(db, "cluster_key", clusterKeys))
    .execute();
  return Map.groupBy(users, (user) => user.cluster_key);
}

/**
 * The addresses that a cluster stands for: its own, and those of its verified people. An unverified account that a link
 * brought came alone, and one address may have brought such accounts into many clusters.
 */
export function addressesOf(users: readonly SourceUserRow[]): string[] {
  const verified = users.filter(({ email_verified }) => email_verified === 1);
  const own = users.map(({ cluster_key }) => cluster_key);
  const addresses = new Set([...own, ...verified.flatMap(({ email }) => email ?? [])]);
  return [...addresses].filter(isPlainAddress);
}

/** Those with one of these addresses whom a link took into another cluster than that of the address. */
export async function takenByLinks(
  db: Db,
  run: RunOfMigration,
  emails: readonly string[],
): Promise<SourceUserRow[]> {
  if (emails.length === 0) return [];
  return listed(db, run)
    .where(isOneOf(db, "email", emails))
    .where(IS_LINKED)
    .execute();
}

const CLUSTER_KEY = { cluster_key: "text" };

/** How many people each of these clusters has, counted up to a limit. */
export async function clusterSizes(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  clusterKeys: readonly string[],
  upTo: number,
): Promise<Map<string, number>> {
  const keys = clusterKeys.map((cluster_key) => ({ cluster_key }));
  const members = sql`select 1 from source_users where migration_id = ${migrationId}
    and source_users.cluster_key = listed.cluster_key and generation = ${generation} limit ${upTo}`;
  const { rows } = await sql<{ cluster_key: string; size: number }>`
    select cluster_key, (select cast(count(*) as integer) from (${members}) as counted) as size
    from ${listedRows(db, CLUSTER_KEY, keys)}`.execute(db);
  return new Map(rows.map((row) => [row.cluster_key, row.size]));
}

/** The same people with what stands of them. */
export async function withPlaced(
  db: Db,
  migrationId: number,
  users: readonly SourceUserRow[],
): Promise<PlannedUser[]> {
  const subs = users.map(({ sub }) => sub);
  const placed = await placedAmong(db, migrationId, "user", subs);
  return users.map((user) => ({ ...user, placed: placed.get(user.sub) }));
}

/**
 * The people of clusters, each with the identities that they hold where these decide: of several, of whom one is
 * unverified, it matters who is one person with that one.
 */
export async function withIdentities(
  db: Db,
  migrationId: number,
  clusters: readonly (readonly PlannedUser[])[],
): Promise<PlannedUser[]> {
  const decide = new Set(clusters.filter((users) => users.length > 1 && users.some(isUnverified)).flat());
  const held = await identitiesAmong(db, migrationId, [...decide].map(subOf));
  const bySub = Map.groupBy(held, subOf);
  return clusters.flat().map((user) => {
    if (!decide.has(user)) return user;
    const own = bySub.get(user.sub) ?? [];
    return { ...user, identities: own.map(({ provider, user_id }) => JSON.stringify([provider, user_id])) };
  });
}

function isUnverified({ email_verified }: SourceUserRow): boolean {
  return email_verified === 0;
}

function subOf({ sub }: { sub: string }): string {
  return sub;
}

/** Which of these subs the group has. */
export async function membersAmong(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  group: string,
  subs: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom("group_members")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("group_name", "=", group)
    .where("generation", "=", generation)
    .where(isOneOf(db, "sub", subs))
    .execute();
  return new Set(rows.map((row) => row.sub));
}

/** Which groups each of these people is in. */
export async function groupsOf(
  db: Db,
  run: RunOfMigration,
  subs: readonly string[],
): Promise<Map<string, string[]>> {
  return bySub(subs.length === 0 ? [] : await groupsAmong(db, run, subs).execute());
}

/** The same, or null where they are in more groups together. */
export async function groupsOfUpTo(
  db: Db,
  run: RunOfMigration,
  subs: readonly string[],
  most: number,
): Promise<Map<string, string[]> | null> {
  if (subs.length === 0) return new Map();
  const rows = await groupsAmong(db, run, subs)
    .limit(most + 1)
    .execute();
  return rows.length > most ? null : bySub(rows);
}

function groupsAmong(db: Db, { migrationId, generation }: RunOfMigration, subs: readonly string[]) {
  return db
    .selectFrom("group_members")
    .select(["sub", "group_name as group"])
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where(isOneOf(db, "sub", subs));
}

function bySub(rows: readonly { sub: string; group: string }[]): Map<string, string[]> {
  const own = Map.groupBy(rows, ({ sub }) => sub);
  return new Map([...own].map(([sub, groups]) => [sub, groups.map(({ group }) => group)]));
}

export type PlannedDecision = Decision & {
  /** Of the record of whoever has an account of their own, or is to get one; null for the others. */
  fingerprint: string | null;
};

export interface PlannedFate {
  action: Action;
  reason: string | null;
  mergeInto: string | null;
  fingerprint: string | null;
}

/** By sub; whom the plan of this run does not hold is absent. */
export async function decisionsAmong(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  subs: readonly string[],
): Promise<Map<string, PlannedFate>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("plan")
    .select(["sub", "action", "reason", "merge_into as mergeInto", "fingerprint"])
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where(isOneOf(db, "sub", subs))
    .execute();
  return new Map(rows.map((row) => [row.sub, row]));
}

const NOT_SELECTED: Reason = "not_selected";
const DECISION = { sub: "text", action: "text", reason: "text", merge_into: "text", fingerprint: "text" };

/**
 * Writes decisions of the plan of this run; a plan of a later one is not overwritten. A dry run leaves whom the run before
 * selected: the bridge goes by that.
 */
export async function writeDecisions(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  decisions: readonly PlannedDecision[],
  { dryRun = false } = {},
): Promise<void> {
  if (decisions.length === 0) return;
  const isSelected = dryRun ? sql`false` : sql`reason is distinct from ${NOT_SELECTED}`;
  const rows = decisions.map(({ sub, action, reason, mergeInto, fingerprint }) => ({
    sub,
    action,
    reason,
    merge_into: mergeInto,
    fingerprint,
  }));
  await sql`
    insert into plan (migration_id, sub, action, reason, merge_into, fingerprint, selected_generation, generation)
    select cast(${migrationId} as integer), sub, action, reason, merge_into, fingerprint,
      case when ${isSelected} then cast(${generation} as integer) end, cast(${generation} as integer)
    from ${listedRows(tx, DECISION, rows)} where true
    on conflict (migration_id, sub) do update set
      action = excluded.action, reason = excluded.reason, merge_into = excluded.merge_into,
      fingerprint = excluded.fingerprint, generation = excluded.generation,
      selected_generation = ${sql.raw(dryRun ? "plan" : "excluded")}.selected_generation
      where plan.generation <= excluded.generation`.execute(tx);
}
