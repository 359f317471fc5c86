import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect, type Transaction } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";
import { LedgerError, translateLedgerError } from "./errors.ts";
import { SCHEMA_CHANGES } from "./migrations.ts";
import type { Database } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;

/** How long a locked ledger is waited for before the caller hears of it; well under an activity's patience. */
const BUSY_PATIENCE_MS = 30_000;
const BUSY_RETRY_MS = 40;
const POSTGRES_CONNECTIONS = 8;
const POSTGRES_CONNECT_TIMEOUT_MS = 5_000;
/** No statement of ours comes near this; one that does hangs on a broken connection. */
const POSTGRES_STATEMENT_TIMEOUT_MS = 30_000;
/**
 * Every statement of ours is made for an index and its order. PostgreSQL guesses otherwise for tables that have just
 * been filled and never been analyzed, and then takes seconds.
 */
const POSTGRES_PLANNER = ["seqscan", "sort"].map((method) => `-c enable_${method}=off`).join(" ");
const INT8_TYPE_ID = 20;

/** All user data and every decision, on SQLite or PostgreSQL. Questions take `db` or `tx` as their first argument. */
export interface Ledger {
  /** Tells ledgers apart: a run goes on only with the ledger it began with. */
  readonly id: string;
  /** Runs one question outside of a transaction. Waits while the ledger is locked. */
  read<T>(question: (db: Db) => Promise<T>): Promise<T>;
  /** Runs questions in one transaction, again from the start if the ledger was locked. */
  write<T>(change: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens `sqlite:<path>` or `postgres://…` and brings its schema up to date.
 * Throws LedgerError with one sentence that can be shown.
 */
export async function openLedger(url: string): Promise<Ledger> {
  const db = new Kysely<Database>({
    dialect: /^postgres(ql)?:\/\//.test(url)
      ? postgresDialect(url)
      : sqliteDialect(url.replace(/^sqlite:/, "")),
  });
  try {
    await retryBusy(() => migrate(db));
    const id = await retryBusy(() => identify(db));
    return {
      id,
      read: (question) => retryBusy(() => question(db)),
      write: (change) => retryBusy(() => db.transaction().execute(change)),
      close: () => db.destroy(),
    };
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw error;
  }
}

function postgresDialect(url: string): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: POSTGRES_CONNECTIONS,
    connectionTimeoutMillis: POSTGRES_CONNECT_TIMEOUT_MS,
    statement_timeout: POSTGRES_STATEMENT_TIMEOUT_MS,
    options: POSTGRES_PLANNER,
    // Every bigint of the schema is an instant in milliseconds: far below 2^53.
    types: {
      getTypeParser: (oid, format) => (oid === INT8_TYPE_ID ? Number : pg.types.getTypeParser(oid, format)),
    },
  });
  // A connection that breaks is replaced by the pool, and a query on it fails; without listeners, on the idle ones and
  // on those in use, it would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new PostgresDialect({ pool });
}

async function migrate(db: Db): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(SCHEMA_CHANGES) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof Error && error.message.includes("previously executed migration"))
    throw new LedgerError(
      "ledger_newer",
      "The ledger was made by a newer Spillway; use that version.",
      error,
    );
  throw error;
}

async function identify(db: Db): Promise<string> {
  const row = await db.selectFrom("ledger_identity").select("id").executeTakeFirstOrThrow();
  return row.id;
}

async function retryBusy<T>(question: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + BUSY_PATIENCE_MS;
  for (;;) {
    try {
      return await question();
    } catch (error) {
      const translated = translateLedgerError(error);
      const busy = translated instanceof LedgerError && translated.problem === "ledger_busy";
      if (!busy || Date.now() > deadline) throw translated;
      await sleep(BUSY_RETRY_MS * (0.5 + Math.random()));
    }
  }
}
