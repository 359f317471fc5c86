import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { sql } from "kysely";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { LedgerError, type LedgerProblem } from "../../src/ledger/errors.ts";
import { buildIndex } from "../../src/ledger/indexes.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { setPace } from "../../src/ledger/pace.ts";
import type { PostgresLimits } from "../../src/ledger/postgres.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { startTcpGate } from "../setup/tcp-gate.ts";
import { freshPostgres, freshSqlite, testOnBoth } from "./ledgers.ts";

async function problemOf(attempt: Promise<unknown>): Promise<LedgerProblem> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LedgerError)) throw new Error("It is no LedgerError.", { cause: error });
  return error.problem;
}

async function opened(url: string, limits: Partial<PostgresLimits>): Promise<Ledger> {
  const ledger = await openLedger(url, limits);
  onTestFinished(() => ledger.close());
  return ledger;
}

async function ask<T>(ledger: Ledger, value: T): Promise<T | undefined> {
  const { rows } = await ledger.read((db) => sql<{ value: T }>`select ${value}::text as value`.execute(db));
  return rows[0]?.value;
}

/** On the server itself, beside the ledger. */
async function onServer<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Row>(statement).finally(() => client.end());
  return rows;
}

const SHORT: PostgresLimits = {
  lockMs: 700,
  idleInTransactionMs: 1_000,
  statementMs: 1_200,
  answerMs: 1_500,
};

test("a PostgreSQL that falls silent is unreachable, and then asked over new connections", async () => {
  const gate = await startTcpGate(await freshPostgresDatabase());
  const ledger = await opened(gate.url, SHORT);
  await Promise.all(Array.from({ length: 8 }, (_, index) => ask(ledger, `before ${index}`)));
  gate.silence();
  const asked = [
    ledger.read((db) => sql`select 1`.execute(db)),
    ledger.write((tx) => setPace(tx, "a", 5)),
    ledger.writeSoon((tx) => setPace(tx, "a", 5)),
    ledger.changeSoon((db) => sql`update pace set per_second = 7`.execute(db)),
  ];
  expect(await Promise.all(asked.map(problemOf))).toEqual(Array(4).fill("ledger_unreachable"));
  gate.open();
  expect(await Promise.all(["a", "b", "c"].map((value) => ask(ledger, value)))).toEqual(["a", "b", "c"]);
});

test("a late answer is nobody's", async () => {
  const gate = await startTcpGate(await freshPostgresDatabase());
  const ledger = await opened(gate.url, SHORT);
  await ask(ledger, "warm");
  const late = Array.from({ length: 8 }, async (_, index) => {
    await ledger.write(async (tx) => {
      await sql`select 1`.execute(tx);
      gate.silence();
      await sql`select ${`old ${index}`}::text`.execute(tx);
    });
  });
  expect(await Promise.all(late.map(problemOf))).toEqual(Array(8).fill("ledger_unreachable"));
  gate.open();
  const asked = Array.from({ length: 20 }, (_, index) => ask(ledger, `new ${index}`));
  gate.release();
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 20 }, (_, index) => `new ${index}`));
});

test("the locks of a connection that fell silent are given up", async () => {
  const gate = await startTcpGate(await freshPostgresDatabase());
  const ledger = await opened(gate.url, SHORT);
  await ledger.write((tx) => setPace(tx, "a", 5));
  const cut = ledger.write(async (tx) => {
    await setPace(tx, "a", 6);
    gate.silence();
    await setPace(tx, "a", 7);
  });
  expect(await problemOf(cut)).toBe("ledger_unreachable");
  gate.open();
  await ledger.write((tx) => setPace(tx, "a", 8));
  const paces = await ledger.read((db) => db.selectFrom("pace").select("per_second").execute());
  expect(paces).toEqual([{ per_second: 8 }]);
});

test("a PostgreSQL that is silent from the start is unreachable", async () => {
  const gate = await startTcpGate(await freshPostgresDatabase());
  gate.silence();
  expect(await problemOf(openLedger(gate.url))).toBe("ledger_unreachable");
});

test("a statement over its time is slow, and not tried again", async () => {
  const { url } = await freshPostgres();
  const ledger = await opened(url, SHORT);
  let tries = 0;
  const slow = ledger.write(async (tx) => {
    tries += 1;
    await sql`select pg_sleep(30)`.execute(tx);
  });
  expect(await problemOf(slow)).toBe("ledger_slow");
  expect(tries).toBe(1);
});

test("a lock of somebody else is waited for, longer than for any statement", async () => {
  const { url } = await freshPostgres();
  const ledger = await opened(url, SHORT);
  await ledger.write((tx) => setPace(tx, "a", 5));
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  await other.query("begin");
  await other.query("update pace set per_second = 6");
  let tries = 0;
  const waiting = ledger.write((tx) => {
    tries += 1;
    return setPace(tx, "a", 7);
  });
  await sleep(3 * SHORT.statementMs);
  await other.query("commit");
  await other.end();
  await waiting;
  expect(tries).toBeGreaterThan(1);
});

test("an index is built for as long as it takes, one builder after the other", async () => {
  const { url } = await freshPostgres();
  const builders = [await opened(url, SHORT), await opened(url, SHORT)];
  await builders[0]?.write((tx) => setPace(tx, "a", 5));
  await onServer(
    url,
    "create function slow(text) returns text immutable language plpgsql as 'begin perform pg_sleep(4); return $1; end'",
  );
  const build = "create index if not exists pace_slowly on pace (slow(key))";
  await Promise.all(builders.map((ledger) => ledger.write((tx) => buildIndex(tx, build))));
  const names = await onServer(url, "select indexname from pg_indexes where tablename = 'pace'");
  expect(names).toContainEqual({ indexname: "pace_slowly" });
});

test("an index build ends where the server fell silent", async () => {
  const gate = await startTcpGate(await freshPostgresDatabase());
  const ledger = await opened(gate.url, SHORT);
  const build = ledger.write((tx) => {
    gate.silence();
    return sql.raw("create index pace_rates on pace (per_second)").execute(tx);
  });
  expect(await problemOf(build)).toBe("ledger_unreachable");
});

testOnBoth("builders of one index wait for each other", async ({ open }) => {
  const builders = [await open(), await open(), await open()];
  const build = "create index if not exists pace_rates on pace (per_second)";
  await Promise.all(builders.map((ledger) => ledger.writeSoon((tx) => buildIndex(tx, build))));
});

const levelOf = sql<{ level: string }>`select current_setting('synchronous_commit') as level`;

test.each([
  ["off", "on"],
  ["local", "on"],
  ["remote_apply", "remote_apply"],
])("a write is on disk where the server's default is %s", async (byDefault, inUse) => {
  const url = await freshPostgresDatabase();
  const name = new URL(url).pathname.slice(1);
  await onServer(url, `alter database ${name} set synchronous_commit = ${byDefault}`);
  // Options of its own must not take that away.
  for (const address of [url, `${url}?options=-c%20synchronous_commit%3D${byDefault}`]) {
    const ledger = await opened(address, {});
    const { rows } = await ledger.write((tx) => levelOf.execute(tx));
    expect(rows).toEqual([{ level: inUse }]);
    expect((await ledger.writeSoon((tx) => levelOf.execute(tx))).rows).toEqual([{ level: "off" }]);
  }
});

test("a PostgreSQL that refuses a setting is told so", async () => {
  const url = await freshPostgresDatabase();
  const name = new URL(url).pathname.slice(1);
  // As a server does on which this user may set nothing.
  await onServer(
    url,
    `create function public.set_config(text, text, boolean) returns text language plpgsql as
      'begin raise insufficient_privilege using message = ''permission denied to set parameter''; end'`,
  );
  await onServer(url, `alter database ${name} set search_path = public, pg_catalog`);
  expect(await problemOf(openLedger(url))).toBe("ledger_unsuitable");
});

test("the server's list of connections names Spillway", async () => {
  const url = await freshPostgresDatabase();
  const ledger = await opened(url, {});
  const named = sql<{ name: string }>`select current_setting('application_name') as name`;
  expect((await ledger.read((db) => named.execute(db))).rows).toEqual([{ name: "spillway" }]);
});

/** The threads that come while the test runs, as Node tells of them. */
function watchThreads(): Worker[] {
  const threads: Worker[] = [];
  const notice = (thread: Worker) => threads.push(thread);
  process.on("worker", notice);
  onTestFinished(() => void process.off("worker", notice));
  return threads;
}

const DEATHS: [string, (thread: Worker | undefined) => unknown][] = [
  ["is ended", (thread) => thread?.terminate()],
  // No message of ours: what nobody catches in a thread, as for want of memory, is its end.
  ["throws", (thread) => thread?.postMessage(null)],
];

test.each(DEATHS)("a SQLite ledger whose thread %s says so, once and for all", async (_, kill) => {
  const threads = watchThreads();
  const ledger = await openLedger(freshSqlite().url);
  const asked = ledger.write(async (tx) => {
    await setPace(tx, "a", 5);
    await kill(threads[0]);
    await setPace(tx, "b", 5);
  });
  expect(await problemOf(asked)).toBe("ledger_ended");
  expect((await ledger.ended).message).toBe("The ledger's thread ended; start the program again.");
  expect(await problemOf(ledger.read((db) => sql`select 1`.execute(db)))).toBe("ledger_ended");
  await ledger.close();
});

test("a SQLite ledger whose disk does not answer says so", async () => {
  const threads = watchThreads();
  const ledger = await openLedger(freshSqlite().url, { answerMs: 1_500 });
  const long = sql`
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000000) select count(*) from n`;
  expect(await problemOf(ledger.read((db) => long.execute(db)))).toBe("ledger_stuck");
  expect((await ledger.ended).problem).toBe("ledger_stuck");
  await ledger.close();
  await threads[0]?.terminate();
});

testOnBoth("a ledger that is closed has not ended", async ({ url }) => {
  const ledger = await openLedger(url);
  await ledger.close();
  expect(await Promise.race([ledger.ended, sleep(100, "open")])).toBe("open");
});
