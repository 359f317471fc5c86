import { constants, existsSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { LedgerError, ledgerError, translateLedgerError } from "./errors.ts";
import { ownNames, SCHEMA_CHANGES } from "./migrations.ts";
import { type Ask, holdsLedger, MIGRATION_TABLE, ownPostgresSchema } from "./own-tables.ts";
import { closeToOthers, nameForSqlite, sqliteFile } from "./sqlite-file.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 5_000;
const CHANGES = `select name from ${MIGRATION_TABLE}`;

/** What stands there. To open a ledger of this version changes nothing of it; of any other one nobody knows. */
type Holds = "nothing" | "this_version" | "unknown";

/**
 * Whether a ledger can be written, or made where there is none yet; nothing of it stays. The sentence says what is
 * wrong and what to do.
 */
export async function probeLedger(
  url: string,
): Promise<{ ok: true; holds: Holds } | { ok: false; sentence: string }> {
  try {
    const isPostgres = /^postgres(ql)?:\/\//.test(url);
    const path = url.replace(/^sqlite:/, "");
    return { ok: true, holds: await (isPostgres ? probePostgres(url) : probeSqlite(sqliteFile(path))) };
  } catch (error) {
    const translated = translateLedgerError(error);
    if (!(translated instanceof LedgerError)) throw translated;
    // Whoever locks it is at work there.
    return translated.problem === "ledger_busy"
      ? { ok: true, holds: "unknown" }
      : { ok: false, sentence: translated.message };
  }
}

async function probeSqlite(path: string): Promise<Holds> {
  if (!existsSync(path)) return probeFolder(`${path}.probe-${process.pid}`);
  try {
    return await probeDatabase(path);
  } catch (error) {
    // The system's error says more than SQLite's. Not asked before: a file that is closed loses the locks that this
    // process has on it. A pipe that nobody reads would hold up whoever opens it.
    await (await open(path, constants.O_WRONLY | constants.O_NONBLOCK)).close();
    throw error;
  }
}

async function probeDatabase(path: string): Promise<Holds> {
  const db = new DatabaseSync(nameForSqlite(path));
  try {
    db.exec("begin immediate");
    const ask: Ask = (statement) => Promise.resolve(db.prepare(statement).all());
    const isMade = await holdsLedger(ask, ownNames());
    closeToOthers(path);
    const holds = isMade ? versionOf(await ask(CHANGES, [])) : "nothing";
    db.exec("rollback");
    return holds;
  } finally {
    db.close();
  }
}

async function probeFolder(path: string): Promise<Holds> {
  await (await open(path, "wx", 0o600)).close();
  await rm(path);
  return "nothing";
}

async function probePostgres(url: string): Promise<Holds> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("begin");
    const ask: Ask = async (statement, parameters) => (await client.query(statement, [...parameters])).rows;
    const { isMade } = await ownPostgresSchema(ask, ownNames());
    const holds = isMade ? versionOf(await ask(CHANGES, [])) : "nothing";
    // Only whether it is allowed is asked: no row is locked.
    await client.query(
      isMade ? "delete from findings where false" : `create table ${MIGRATION_TABLE} (name text)`,
    );
    await client.query("rollback");
    return holds;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Throws LedgerError for a newer one. */
function versionOf(changes: Awaited<ReturnType<Ask>>): Holds {
  if (!changes.every(({ name }) => Object.hasOwn(SCHEMA_CHANGES, String(name))))
    throw ledgerError("ledger_newer");
  return changes.length === Object.keys(SCHEMA_CHANGES).length ? "this_version" : "unknown";
}
