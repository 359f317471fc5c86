import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { openLedger } from "../../src/ledger/ledger.ts";
import { type PostgresServer, startPostgres } from "../setup/postgres-server.ts";

/** deploy/postgres/roles.sql on a server of its own: roles are the whole server's. */

const hasPsql = spawnSync("psql", ["--version"]).status === 0;
let server: PostgresServer;

function makeRoles(spillway = "first", temporal = "second"): Promise<unknown> {
  const env = { ...process.env, SPILLWAY_DATABASE_PASSWORD: spillway, TEMPORAL_DATABASE_PASSWORD: temporal };
  const words = [server.url, "--no-psqlrc", "--quiet", "--file", "deploy/postgres/roles.sql"];
  return promisify(execFile)("psql", words, { env });
}

function urlOf(role: string, password: string, database: string): string {
  const url = new URL(server.url);
  url.username = role;
  url.password = password;
  url.pathname = `/${database}`;
  return url.href;
}

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  if (!hasPsql) return;
  server = await startPostgres();
  await makeRoles();
  return () => server.stop();
});

test.runIf(hasPsql)("Spillway's role makes its ledger, and Temporal's its tables and extension", async () => {
  const ledger = await openLedger(urlOf("spillway", "first", "spillway"));
  await ledger.close();
  for (const database of ["temporal", "temporal_visibility"])
    await ask(
      urlOf("temporal", "second", database),
      "create extension if not exists btree_gin; create table t (a int); insert into t values (1); drop table t",
    );
});

test.runIf(hasPsql).each([
  ["spillway", "first", "temporal"],
  ["spillway", "first", "temporal_visibility"],
  ["spillway", "first", "postgres"],
  ["temporal", "second", "spillway"],
  ["temporal", "second", "postgres"],
])("the role %s, whose password is %s, cannot connect to %s", async (role, password, database) => {
  await expect(ask(urlOf(role, password, database), "select 1")).rejects.toMatchObject({ code: "42501" });
});

test.runIf(hasPsql)("no role is more than the owner of its databases", async () => {
  const rows = await ask(
    server.url,
    `select rolname from pg_roles where rolname in ('spillway', 'temporal')
     and (rolsuper or rolcreatedb or rolcreaterole or rolbypassrls or rolreplication)`,
  );
  expect(rows).toEqual([]);
});

test.runIf(hasPsql)("the roles are made again with what they own, and take new passwords", async () => {
  const url = urlOf("spillway", "first", "spillway");
  await ask(url, "create table kept (a int)");
  await makeRoles("it's new");
  await expect(ask(url, "select 1")).rejects.toMatchObject({ code: "28P01" });
  expect(await ask(urlOf("spillway", "it's new", "spillway"), "select * from kept")).toEqual([]);
  await makeRoles();
});
