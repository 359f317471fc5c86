import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { openLedger } from "../../src/ledger/ledger.ts";
import { probeLedger } from "../../src/ledger/probe.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

/** A database in which somebody else's statements ran before. */
async function usedPostgres(...statements: readonly string[]) {
  const url = await freshPostgresDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  for (const statement of statements) await client.query(statement);
  const names = async (schema: string) => {
    const { rows } = await client.query<{ name: string }>(
      "select table_name::text as name from information_schema.tables where table_schema = $1 order by 1",
      [schema],
    );
    return rows.map(({ name }) => name);
  };
  return { url, names };
}

function usedSqlite(...statements: readonly string[]): string {
  const path = join(freshFolder(), "theirs.db");
  const db = new DatabaseSync(path);
  for (const statement of statements) db.exec(statement);
  db.close();
  return path;
}

async function expectForeign(url: string, sentence: RegExp): Promise<void> {
  await expect(openLedger(url)).rejects.toMatchObject({
    name: "LedgerError",
    message: expect.stringMatching(sentence),
  });
  expect(await probeLedger(url)).toEqual({ ok: false, sentence: expect.stringMatching(sentence) });
}

async function expectUsable(url: string): Promise<void> {
  expect(await probeLedger(url)).toMatchObject({ ok: true });
  const ledger = await openLedger(url);
  const { id } = ledger;
  await ledger.close();
  expect(await probeLedger(url)).toMatchObject({ ok: true });
  const again = await openLedger(url);
  expect(again.id).toBe(id);
  await again.close();
}

test("a ledger stands beside another schema's Kysely tables", async () => {
  const { url } = await usedPostgres(
    "create schema theirs",
    "create table theirs.kysely_migration (name text, timestamp text)",
    "create table theirs.kysely_migration_lock (id text, is_locked integer)",
    "create table theirs.plan (id integer)",
  );
  await expectUsable(url);
});

test("a ledger stands beside the Kysely tables of its own schema, and changes nothing in them", async () => {
  const { url, names } = await usedPostgres(
    "create table kysely_migration (name text, timestamp text)",
    "insert into kysely_migration values ('2020-theirs', '2020-01-01')",
    "create table kysely_migration_lock (id text, is_locked integer)",
  );
  await expectUsable(url);
  expect(await names("public")).toContain("spillway_migration");
});

test.for([
  ["a table", "create table plan (id integer)", /the table "plan" in its schema "public"/],
  ["a table of the last kind", "create table bridge_limits (id integer)", /the table "bridge_limits"/],
  ["a view", "create view placed as select 1 as one", /the view "placed"/],
  ["a type", "create type mails as enum ('sent')", /the type "mails"/],
  [
    "an index",
    "create table letters (id integer); create index mails_campaign on letters (id)",
    /the index "m/,
  ],
] as const)(
  "$0 of one of our names is told, and nothing is made beside it",
  async ([, statement, sentence]) => {
    const { url, names } = await usedPostgres(statement);
    const before = await names("public");
    await expectForeign(url, sentence);
    await expectForeign(url, /not Spillway's; .*database of its own.*SPILLWAY_LEDGER.*search_path/);
    expect(await names("public")).toEqual(before);
  },
);

test("a schema of its own keeps a ledger apart from foreign tables of the same names", async () => {
  const { url, names } = await usedPostgres(
    "create table plan (id integer)",
    "create table spillway_migration (id integer)",
    'create schema "Our ledger"',
  );
  const own = new URL(url);
  own.searchParams.set("options", '-csearch_path="Our\\ ledger"');
  await expectUsable(own.href);
  expect(await names("Our ledger")).toEqual(expect.arrayContaining(["plan", "spillway_migration"]));
  expect(await names("public")).toEqual(["plan", "spillway_migration"]);
});

test("a search path that leads to no schema is told", async () => {
  const { url } = await usedPostgres();
  const own = new URL(url);
  own.searchParams.set("options", "-csearch_path=nowhere");
  await expectForeign(own.href, /no schema .*search_path/);
});

test.for([
  ["with a table of one of our names", "create table plan (id integer)", /the table "plan"/],
  ["with other tables", "create table letters (id integer)", /the table "letters"/],
] as const)(
  "a SQLite database of somebody else $0 is told, and left as it is",
  async ([, statement, sentence]) => {
    const path = usedSqlite(statement);
    chmodSync(path, 0o664);
    const before = readFileSync(path);
    await expectForeign(`sqlite:${path}`, sentence);
    await expectForeign(`sqlite:${path}`, /not Spillway's; name another file in SPILLWAY_LEDGER/);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o664);
  },
);

test("an empty SQLite file becomes a ledger", async () => {
  const path = join(freshFolder(), "ledger.db");
  writeFileSync(path, "");
  await expectUsable(`sqlite:${path}`);
});
