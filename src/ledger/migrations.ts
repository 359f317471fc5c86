import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { isPostgres } from "./dialect.ts";

/** Schema changes in order; released ones are never edited, only followed by the next. */
export const SCHEMA_CHANGES: Record<string, Migration> = {
  "001-foundation": { up: layFoundation },
  "002-clusters-indexed-by-plan": { up: dropClusterIndex },
  "003-credentials-and-structure": { up: addStructure },
  "005-bridge": { up: addBridge },
  "006-open-moves-and-asked-resets": { up: addOpenMovesAndAskedResets },
  "007-asked-mails": { up: countAskedMails },
};

async function layFoundation(db: Kysely<unknown>): Promise<void> {
  const serial = isPostgres(db) ? "serial" : "integer";
  for (const statement of foundation(serial)) await sql.raw(statement).execute(db);
  // Here, under the lock of the migrations: two processes that open a new ledger at once agree on its id.
  await sql`insert into ledger_identity (id) values (${randomUUID()})`.execute(db);
}

/** The plan makes it when the table is full, see `indexClusters`. */
async function dropClusterIndex(db: Kysely<unknown>): Promise<void> {
  await sql`drop index source_users_cluster`.execute(db);
}

async function addStructure(db: Kysely<unknown>): Promise<void> {
  for (const statement of STRUCTURE) await sql.raw(statement).execute(db);
}

async function addBridge(db: Kysely<unknown>): Promise<void> {
  for (const statement of BRIDGE) await sql.raw(statement).execute(db);
  if (isPostgres(db)) await sql.raw(BRIDGE_LIMITS).execute(db);
}

async function addOpenMovesAndAskedResets(db: Kysely<unknown>): Promise<void> {
  await sql`alter table bridge_moves add column open_moves integer not null default 0`.execute(db);
  await sql`create table asked_resets (
    migration_id integer not null,
    sub text not null,
    asked_at_ms bigint not null,
    primary key (migration_id, sub))`.execute(db);
}

async function countAskedMails(db: Kysely<unknown>): Promise<void> {
  await sql`alter table asked_resets add column mails integer not null default 1`.execute(db);
}

/** As `rate-limiter-flexible` reads it. On SQLite there is one bridge, which counts in memory. */
const BRIDGE_LIMITS = `create table bridge_limits (
    key varchar(255) primary key,
    points integer not null default 0,
    expire bigint)`;

const BRIDGE = [
  `create table bridge_moves (
    migration_id integer not null,
    sub text not null,
    destination_id text not null,
    begun_at_ms bigint not null,
    moved_at_ms bigint,
    primary key (migration_id, sub))`,

  `create table completed_resets (
    migration_id integer not null,
    destination_id text not null,
    completed_at_ms bigint not null,
    primary key (migration_id, destination_id))`,

  `create table event_positions (
    migration_id integer not null,
    kind text not null,
    event_id text not null,
    at_ms bigint not null,
    primary key (migration_id, kind))`,
];

const STRUCTURE = [
  `create table configuration (
    migration_id integer not null,
    kind text not null,
    name text not null,
    generation integer not null,
    data text not null,
    primary key (migration_id, kind, name))`,

  `create table entities (
    migration_id integer not null,
    phase text not null,
    key text not null,
    kind text not null,
    data text not null,
    primary key (migration_id, phase, key))`,

  `create table memberships (
    migration_id integer not null,
    key text not null,
    sub text not null,
    organization text not null,
    roles text not null,
    generation integer not null,
    primary key (migration_id, key))`,

  // By person: which groups someone is in, and which memberships are theirs.
  "create index memberships_sub on memberships (migration_id, sub)",
  "create index group_members_sub on group_members (migration_id, sub)",

  `create table provider_checks (
    migration_id integer not null,
    name text not null,
    state text not null,
    fault text,
    found text,
    reason text,
    primary key (migration_id, name))`,

  `create table applications (
    migration_id integer not null,
    client_id text not null,
    destination_client_id text not null,
    secret_id text,
    primary key (migration_id, client_id))`,
];

/** Plain SQL that both databases read alike; `serial` is the one word in which they differ. */
function foundation(serial: string): string[] {
  return [
    "create table ledger_identity (id text primary key)",

    `create table migrations (
      id ${serial} primary key,
      pool_id text not null,
      region text not null,
      destination_kind text not null,
      environment text not null,
      file text not null,
      account_id text,
      owner_namespace text,
      owner_workflow_id text,
      owner_run_id text,
      generation integer not null,
      unique (pool_id, destination_kind, environment))`,

    `create table source_users (
      migration_id integer not null,
      sub text not null,
      username text not null,
      attributes text not null,
      status text not null,
      enabled integer not null,
      native integer not null,
      email text,
      email_verified integer not null,
      cluster_key text not null,
      created_at_ms bigint not null,
      modified_at_ms bigint not null,
      identities_broken integer not null,
      generation integer not null,
      primary key (migration_id, sub))`,
    "create index source_users_cluster on source_users (migration_id, cluster_key, sub)",

    `create table identities (
      migration_id integer not null,
      provider text not null,
      user_id text not null,
      sub text not null,
      primary key (migration_id, provider, user_id, sub))`,
    "create index identities_sub on identities (migration_id, sub)",

    `create table group_members (
      migration_id integer not null,
      group_name text not null,
      sub text not null,
      primary key (migration_id, group_name, sub))`,

    `create table plan (
      migration_id integer not null,
      sub text not null,
      action text not null,
      reason text,
      merge_into text,
      generation integer not null,
      primary key (migration_id, sub))`,

    `create table work_items (
      migration_id integer not null,
      phase text not null,
      ordinal integer not null,
      sub text not null,
      state text not null,
      fence bigint not null,
      attempts integer not null,
      in_doubt integer not null,
      first_claimed_at_ms bigint,
      settled_at_ms bigint,
      code text,
      message text,
      how text,
      destination_id text,
      record_hash text,
      verified_generation integer,
      primary key (migration_id, phase, ordinal),
      unique (migration_id, phase, sub))`,
    `create index work_items_open on work_items (migration_id, phase, ordinal)
      where state in ('pending', 'sending')`,
    `create index work_items_failed on work_items (migration_id, phase, code, ordinal)
      where state = 'failed'`,
    `create index work_items_recent on work_items (migration_id, phase, settled_at_ms)
      where settled_at_ms is not null`,

    `create table phase_counts (
      migration_id integer not null,
      phase text not null,
      state text not null,
      items integer not null,
      primary key (migration_id, phase, state))`,

    `create table cursors (
      migration_id integer not null,
      name text not null,
      generation integer not null,
      fence bigint not null,
      position text,
      done integer not null,
      counters text not null,
      primary key (migration_id, name))`,

    `create table pace (
      key text primary key,
      per_second double precision not null,
      next_at_ms double precision not null,
      blocked_until_ms double precision not null)`,

    `create table findings (
      migration_id integer not null,
      generation integer not null,
      phase text not null,
      severity text not null,
      code text not null,
      subject text not null,
      sentence text not null,
      primary key (migration_id, phase, code, subject))`,

    `create table before_images (
      migration_id integer not null,
      sub text not null,
      destination_id text not null,
      image text not null,
      primary key (migration_id, sub))`,

    `create table activity_failures (
      migration_id integer not null,
      activity text not null,
      signature text not null,
      failures integer not null,
      detail text not null,
      primary key (migration_id, activity, signature))`,
  ];
}
