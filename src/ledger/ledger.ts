import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";
import { isPostgres } from "./dialect.ts";
import { LedgerError, translateLedgerError } from "./errors.ts";
import { SCHEMA_CHANGES } from "./migrations.ts";
import type { Database } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;
export type LedgerKind = "sqlite" | "postgresql";

/** How long a locked ledger is waited for before the caller hears of it; well under an activity's patience. */
const BUSY_PATIENCE_MS = 30_000;
const BUSY_RETRY_MS = 40;
/** What the death of the machine may cost. */
const MAX_UNSYNCED_MS = 1_000;
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
  readonly kind: LedgerKind;
  /** Runs one question outside of a transaction. Waits while the ledger is locked. */
  read<T>(question: (db: Db) => Promise<T>): Promise<T>;
  /** Runs questions in one transaction, again from the start if the ledger was locked. On disk when it resolves. */
  write<T>(change: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * The same without waiting for the disk: safe from the death of this process at once, from that of the machine with
   * the next `sync`, of which there is one a second. For what a lost tail of does no harm, because it is found
   * out and done again. On SQLite nobody else can write while one process waits for the disk.
   */
  writeSoon<T>(change: (tx: Tx) => Promise<T>): Promise<T>;
  /** `writeSoon` for one statement, which is a transaction by itself. */
  changeSoon<T>(statement: (db: Db) => Promise<T>): Promise<T>;
  /** Resolves when everything written so far is on disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens `sqlite:<path>` or `postgres://…` and brings its schema up to date.
 * Throws LedgerError with one sentence that can be shown.
 */
export async function openLedger(url: string): Promise<Ledger> {
  const store = /^postgres(ql)?:\/\//.test(url)
    ? postgresStore(url)
    : sqliteStore(url.replace(/^sqlite:/, ""));
  const { db, onDisk, soon } = store;
  const write = <T>(change: (tx: Tx) => Promise<T>) =>
    retryBusy(() => onDisk((connection) => connection.transaction().execute(change)));
  let changes = 0;
  let synced = 0;
  let syncedAtMs = 0;
  const sync = async () => {
    const upTo = changes;
    if (synced >= upTo) return;
    syncedAtMs = Date.now();
    // Any change will do: its commit takes all earlier ones to the disk with it.
    await write((tx) => sql`update ledger_identity set id = id`.execute(tx));
    synced = Math.max(synced, upTo);
  };
  const changeSoon = async <T>(statement: (db: Db) => Promise<T>) => {
    const result = await retryBusy(() => soon(statement));
    changes += 1;
    if (Date.now() - syncedAtMs > MAX_UNSYNCED_MS) await sync();
    return result;
  };
  try {
    await retryBusy(() => migrate(db));
    const id = await retryBusy(() => identify(db));
    return {
      id,
      kind: isPostgres(db) ? "postgresql" : "sqlite",
      read: (question) => retryBusy(() => question(db)),
      write,
      writeSoon: (change) => changeSoon((connection) => connection.transaction().execute(change)),
      changeSoon,
      sync,
      close: () => store.close(),
    };
  } catch (error) {
    await store.close().catch(() => undefined);
    throw error;
  }
}

type OnConnection = <T>(work: (db: Db) => Promise<T>) => Promise<T>;

/** One of the two databases, with its two ways of committing. */
interface Store {
  db: Db;
  onDisk: OnConnection;
  soon: OnConnection;
  close(): Promise<void>;
}

function sqliteStore(location: string): Store {
  const db: Db = new Kysely<Database>({ dialect: sqliteDialect(location) });
  let mode = "FULL";
  const inMode =
    (wanted: "FULL" | "NORMAL"): OnConnection =>
    (work) =>
      db.connection().execute(async (connection) => {
        if (mode !== wanted) await sql.raw(`PRAGMA synchronous = ${wanted}`).execute(connection);
        mode = wanted;
        return work(connection);
      });
  return { db, onDisk: inMode("FULL"), soon: inMode("NORMAL"), close: () => db.destroy() };
}

function postgresStore(url: string): Store {
  const db: Db = new Kysely<Database>({ dialect: postgresDialect(url, POSTGRES_PLANNER) });
  const lazy: Db = new Kysely<Database>({
    dialect: postgresDialect(url, `${POSTGRES_PLANNER} -c synchronous_commit=off`),
  });
  return {
    db,
    onDisk: (work) => work(db),
    soon: (work) => work(lazy),
    async close() {
      await Promise.all([db.destroy(), lazy.destroy()]);
    },
  };
}

function postgresDialect(url: string, options: string): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: POSTGRES_CONNECTIONS,
    connectionTimeoutMillis: POSTGRES_CONNECT_TIMEOUT_MS,
    statement_timeout: POSTGRES_STATEMENT_TIMEOUT_MS,
    options,
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
