import { closeSync, constants, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { parentPort } from "node:worker_threads";
import { nameForSqlite } from "./sqlite-file.ts";

/** The thread that holds the SQLite file: the disk and a lock of somebody else block it, and never a heartbeat. */

export type Request =
  | { kind: "open"; path: string; maxPages: number; checkpointPages: number }
  | ({ kind: "run"; sql: string; parameters: readonly unknown[] } & Statement)
  /** The statement is `before`, places for some rows of `width` values, and `after`. */
  | ({
      kind: "runForRows";
      before: string;
      after: string;
      width: number;
      pages: readonly Uint8Array[];
    } & Statement)
  | { kind: "close" };

interface Statement {
  /** A transaction begins with it: a message of its own for that would wake the thread once more. */
  begins: boolean;
}

export interface Asked {
  id: number;
  request: Request;
}

export interface Result {
  rows: Record<string, unknown>[];
  /** Null for a statement that returns rows. */
  changes: number | null;
}

export type Reply = { id: number } & ({ result: Result } | { failure: Failure });

/** An error as it crosses threads: a copied Error would lose its codes. */
export interface Failure {
  message: string;
  code?: unknown;
  errcode?: unknown;
}

const { O_WRONLY, O_CREAT, O_NONBLOCK } = constants;
const BUSY_TIMEOUT_MS = 50;
const OWNER_ONLY = 0o600;
/** Statements differ in length where they hold lists; the cache must not grow with them. */
const MAX_CACHED_STATEMENTS = 500;
/** Rows of one statement: a few sizes only, so that each text is prepared once. */
const STATEMENT_ROWS = [400, 40, 4, 1];
const decoder = new TextDecoder();
const NOTHING: Result = { rows: [], changes: null };

interface Prepared {
  statement: StatementSync;
  returnsRows: boolean;
}

let database: DatabaseSync | undefined;
const cache = new Map<string, Prepared>();

parentPort?.on("message", ({ id, request }: Asked) => {
  parentPort?.postMessage({ id, ...answerTo(request) } satisfies Reply);
});

function answerTo(request: Request): { result: Result } | { failure: Failure } {
  try {
    return { result: carryOut(request) };
  } catch (error) {
    const { message, code, errcode } = error as Failure;
    return { failure: { message, code, errcode } };
  }
}

/** A transaction that starts as a reader cannot wait for the write lock later on, so each takes it at once. */
const BEGIN = "begin immediate";

function carryOut(request: Request): Result {
  if ("begins" in request && request.begins) run(BEGIN, []);
  switch (request.kind) {
    case "open":
      database = open(request);
      return NOTHING;
    case "run":
      return run(request.sql, request.parameters);
    case "runForRows":
      return runForRows(request);
    case "close":
      database?.close();
      return NOTHING;
  }
}

function open({ path, maxPages, checkpointPages }: Extract<Request, { kind: "open" }>): DatabaseSync {
  const db = new DatabaseSync(path === ":memory:" ? path : ownFile(path), { timeout: BUSY_TIMEOUT_MS });
  try {
    db.exec(
      `PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA cache_size = -8000;`,
    );
    if (Number.isSafeInteger(maxPages) && maxPages > 0) db.exec(`PRAGMA max_page_count = ${maxPages}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Makes it if need be: the system's error says more than SQLite's. A pipe that nobody reads would hold up whoever opens it. */
function ownFile(path: string): string {
  closeSync(openSync(path, O_WRONLY | O_CREAT | O_NONBLOCK, OWNER_ONLY));
  return nameForSqlite(path);
}

function run(sql: string, parameters: readonly unknown[]): Result {
  const { statement, returnsRows } = prepare(sql);
  // Kysely types parameters as unknown; every column type of the schema is one that SQLite binds.
  const bound = parameters as readonly SQLInputValue[];
  if (returnsRows) return { rows: statement.all(...bound), changes: null };
  return { rows: [], changes: Number(statement.run(...bound).changes) };
}

function runForRows({ before, after, width, pages }: Extract<Request, { kind: "runForRows" }>): Result {
  // Written by packRows only.
  const rows = pages.flatMap((page) => JSON.parse(decoder.decode(page)) as SQLInputValue[][]);
  const places = `(${Array(width).fill("?").join(", ")})`;
  let from = 0;
  let changes = 0;
  for (const size of STATEMENT_ROWS) {
    const sql = `${before}${Array(size).fill(places).join(", ")}${after}`;
    for (; from + size <= rows.length; from += size)
      changes += run(sql, rows.slice(from, from + size).flat()).changes ?? 0;
  }
  return { rows: [], changes };
}

function prepare(sql: string): Prepared {
  const cached = cache.get(sql);
  if (cached !== undefined) return cached;
  if (database === undefined) throw new Error("The ledger is closed.");
  if (cache.size >= MAX_CACHED_STATEMENTS) cache.clear();
  const statement = database.prepare(sql);
  const prepared = { statement, returnsRows: statement.columns().length > 0 };
  cache.set(sql, prepared);
  return prepared;
}
