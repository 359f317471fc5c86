import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { isPostgres, nowMsSql, POSTGRES_TEXT } from "./dialect.ts";
import { seedStatistics } from "./first-statistics.ts";
import { FOUNDATION } from "./foundation.ts";
import { buildIndex } from "./indexes.ts";

/** Schema changes in order; released ones are never edited, only followed by the next. */
export const SCHEMA_CHANGES: Record<string, Migration> = {
  "001-foundation": { up: layFoundation },
  "002-purges": { up: addPurges },
  "003-undos": { up: addUndos },
  "004-people-found": { up: indexPeople },
  "005-kept-answers": { up: addKeptAnswers },
  "006-owner-modes": { up: addOwnerMode },
  "007-doubted-accounts": { up: addDoubtedId },
  "008-approvals-of-campaigns": { up: addCampaigns },
  "009-newest-runs": { up: addNewestRun },
  "010-times-of-doubts": { up: addDoubtedAt },
  "011-questions-of-campaigns": { up: addQuestions },
};

/** What a person told a run holds for later ones as well. */
const KEPT_ANSWERS = [
  `create table gate_answers (
    migration_id integer not null,
    name text not null,
    state text not null,
    reason text not null,
    configured text not null,
    fault text,
    found text,
    generation integer not null,
    primary key (migration_id, name))`,

  `create table approved_mails (
    migration_id integer not null primary key,
    settings text not null,
    people integer not null,
    generation integer not null,
    ended integer not null default 0)`,
];

async function addKeptAnswers(db: Kysely<unknown>): Promise<void> {
  for (const statement of KEPT_ANSWERS) await sql.raw(worded(db, statement)).execute(db);
  await sql.raw("alter table provider_checks add column earlier integer not null default 0").execute(db);
}

async function addOwnerMode(db: Kysely<unknown>): Promise<void> {
  await sql.raw("alter table migrations add column owner_mode text").execute(db);
}

async function addDoubtedId(db: Kysely<unknown>): Promise<void> {
  await sql.raw(worded(db, "alter table placed add column doubted_id text")).execute(db);
}

/** Nobody knows any more when doubts began: they are as old as this. */
async function addDoubtedAt(db: Kysely<unknown>): Promise<void> {
  await sql.raw("alter table placed add column doubted_at_ms bigint").execute(db);
  await sql`update placed set doubted_at_ms = ${nowMsSql(db)} where doubted_id is not null`.execute(db);
}

/** Of an approval from before nobody knows whose it was: it holds for no later run. */
async function addCampaigns(db: Kysely<unknown>): Promise<void> {
  for (const column of ["run_id text", "incarnation text"])
    await sql.raw(`alter table approved_mails add column ${column}`).execute(db);
}

/** Earlier versions noted none before it was approved. */
async function addQuestions(db: Kysely<unknown>): Promise<void> {
  for (const column of ["asking integer not null default 0", "approved integer not null default 1"])
    await sql.raw(`alter table approved_mails add column ${column}`).execute(db);
}

async function addUndos(db: Kysely<unknown>): Promise<void> {
  for (const column of ["undo text", "undone_generation integer not null default 0"])
    await sql.raw(`alter table migrations add column ${column}`).execute(db);
}

async function addNewestRun(db: Kysely<unknown>): Promise<void> {
  await sql.raw(worded(db, "alter table migrations add column newest_run_id text")).execute(db);
  await sql.raw("update migrations set newest_run_id = owner_run_id").execute(db);
}

/** When the newest run began, and what became of the migration's personal data since. */
async function addPurges(db: Kysely<unknown>): Promise<void> {
  for (const column of [
    "begun_at_ms bigint",
    "purge_begun_at_ms bigint",
    "purged_at_ms bigint",
    "purged_generation integer",
    "id_map_purged integer not null default 0",
  ])
    await sql.raw(`alter table migrations add column ${column}`).execute(db);
}

async function layFoundation(db: Kysely<unknown>): Promise<void> {
  for (const statement of FOUNDATION) await sql.raw(worded(db, statement)).execute(db);
  if (isPostgres(db)) await seedStatistics(db, GROWING);
  // Here, under the lock of the migrations: two processes that open a new ledger at once agree on its id.
  await sql`insert into ledger_identity (id) values (${randomUUID()})`.execute(db);
}

function worded(db: Kysely<unknown>, statement: string): string {
  const own = isPostgres(db) ? POSTGRES : SQLITE;
  const made = statement.replace("{serial}", own.serial).replace("{clustered}", own.clustered);
  return made.replaceAll(/ text\b/g, own.text);
}

/**
 * Whom a person asks about: by what the destination calls them, and those who wait for a decision. Said of accounts with an
 * id alone, so that nobody who looks up keys takes these indexes for it.
 */
const PEOPLE_INDEXES = [
  // One of everything that stands was made for reset mails.
  "drop index if exists placed_account",
  "create index placed_account on placed (destination_id, migration_id) where kind = 'user' and destination_id is not null",
  "create index taken_back_account on taken_back (destination_id, migration_id) where kind = 'user' and destination_id is not null",
  "create index plan_undecided on plan (migration_id, sub) where reason in ('decision_disabled_member', 'decision_nobody_verified', 'decision_too_many', 'removed_at_destination', 'signed_up_again')",
];

async function indexPeople(db: Kysely<unknown>): Promise<void> {
  for (const statement of PEOPLE_INDEXES) await buildIndex(db, statement);
}

/** Of indexes that are made when their tables are full. */
const LATER = ["source_users_created", "source_users_cluster", "source_users_linked"];

/** What the ledger calls its tables and indexes. */
export function ownNames(): readonly string[] {
  const made = [...FOUNDATION, ...KEPT_ANSWERS, ...PEOPLE_INDEXES].flatMap(
    (statement) => /^create (?:table|index) (\w+) /.exec(statement)?.[1] ?? [],
  );
  return [...made, ...LATER];
}

/** Tables with a row or more for each person. */
const GROWING = [
  ...["source_users", "identities", "group_members", "plan", "planned_objects", "placed", "work_items"],
  ...["taken_back", "differences"],
  ...["mails", "looks", "bridge_accounts", "bridge_moves", "bridge_proofs"],
  ...["completed_resets", "reset_links", "unsent_links"],
];

/**
 * The words in which the two databases differ. Rows of a clustered table lie in its primary key's own tree. Texts have
 * the order of their bytes in both: what begins alike lies together.
 */
const SQLITE = { serial: "integer", clustered: "without rowid", text: " text" };
const POSTGRES = { serial: "serial", clustered: "", text: ` ${POSTGRES_TEXT}` };
