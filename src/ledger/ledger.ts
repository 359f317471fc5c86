import { setTimeout as sleep } from "node:timers/promises";
import { CompiledQuery, Kysely, sql, type Transaction } from "kysely";
import { Migrator } from "kysely/migration";
import { isPostgres } from "./dialect.ts";
import { LedgerError, ledgerError, translateLedgerError } from "./errors.ts";
import { ownNames, SCHEMA_CHANGES } from "./migrations.ts";
import {
  type Ask,
  holdsLedger,
  MIGRATION_LOCK_TABLE,
  MIGRATION_TABLE,
  ownPostgresSchema,
} from "./own-tables.ts";
import { POSTGRES_LIMITS, type PostgresLimits, postgresDialect } from "./postgres.ts";
import type { Database } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";
import { closeToOthers, sqliteFile } from "./sqlite-file.ts";

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;
export type LedgerKind = "sqlite" | "postgresql";

/** How long a locked ledger is waited for before the caller hears of it; well under an activity's patience. */
const BUSY_PATIENCE_MS = 30_000;
const BUSY_RETRY_MS = 40;
/** What the death of the machine may cost. */
const MAX_UNSYNCED_MS = 1_000;
/** A statement on a local file: longer than a stalled disk takes to come back, if it does. */
const SQLITE_ANSWER_MS = 60_000;

/** For who has less patience than an import. */
export interface LedgerWish extends Partial<PostgresLimits> {
  /** On SQLite: somebody waits for each commit, so none may have many pages to bring from the log into the file. */
  isWaitedFor?: boolean;
}

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
   * out and done again; never for what is noted before a call that nobody may repeat. On SQLite nobody else can write
   * while one process waits for the disk.
   */
  writeSoon<T>(change: (tx: Tx) => Promise<T>): Promise<T>;
  /** `write` for one statement, which is a transaction by itself. */
  change<T>(statement: (db: Db) => Promise<T>): Promise<T>;
  /** `writeSoon` for one statement. */
  changeSoon<T>(statement: (db: Db) => Promise<T>): Promise<T>;
  /** Resolves when everything written so far is on disk. */
  sync(): Promise<void>;
  /**
   * The same ledger for one attempt. Once what was written soon may be lost, because PostgreSQL's server crashed, it
   * answers nothing any more: whoever remembers what was lost begins again from what is there.
   */
  session(): Ledger;
  /**
   * Resolves if this ledger can never be used again, however often it is asked: the process has to end, so that its
   * supervisor starts it anew. Nothing happens on `close`.
   */
  readonly ended: Promise<LedgerError>;
  close(): Promise<void>;
}

/**
 * Opens `sqlite:<path>` or `postgres://…` and brings its schema up to date.
 * Throws LedgerError with one sentence that can be shown.
 */
export async function openLedger(
  url: string,
  { isWaitedFor = false, ...limits }: LedgerWish = {},
): Promise<Ledger> {
  let changes = 0;
  let synced = 0;
  let syncedAtMs = Number.NEGATIVE_INFINITY;
  const tail: Tail = { losses: 0 };
  const onBroken = () => {
    if (synced < changes) tail.losses += 1;
  };
  const store = /^postgres(ql)?:\/\//.test(url)
    ? postgresStore(url, { ...POSTGRES_LIMITS, ...limits }, onBroken)
    : sqliteStore(url.replace(/^sqlite:/, ""), limits.answerMs ?? SQLITE_ANSWER_MS, isWaitedFor);
  const { db, onDisk, soon, ended } = store;
  const change = <T>(statement: (db: Db) => Promise<T>) => retryBusy(() => onDisk(statement));
  const write = <T>(work: (tx: Tx) => Promise<T>) =>
    change((connection) => connection.transaction().execute(work));
  const sync = async () => {
    const upTo = changes;
    if (synced >= upTo) return;
    syncedAtMs = performance.now();
    // Any change will do: its commit takes all earlier ones to the disk with it.
    await write((tx) => sql`update ledger_identity set id = id`.execute(tx));
    synced = Math.max(synced, upTo);
  };
  const changeSoon = async <T>(statement: (db: Db) => Promise<T>) => {
    const result = await retryBusy(() => soon(statement));
    changes += 1;
    if (performance.now() - syncedAtMs > MAX_UNSYNCED_MS) await sync();
    return result;
  };
  try {
    await retryBusy(() => migrate(store));
    const id = await retryBusy(() => identify(db));
    const ledger: Ledger = {
      id,
      kind: isPostgres(db) ? "postgresql" : "sqlite",
      read: (question) => retryBusy(() => question(db)),
      write,
      writeSoon: (work) => changeSoon((connection) => connection.transaction().execute(work)),
      change,
      changeSoon,
      sync,
      session: () => sessionOf(ledger, tail),
      ended,
      close: () => store.close(),
    };
    return ledger;
  } catch (error) {
    await store.close().catch(() => undefined);
    throw error;
  }
}

/** How often the tail of what was written soon may have been lost. */
interface Tail {
  losses: number;
}

function sessionOf(ledger: Ledger, tail: Tail): Ledger {
  const { losses } = tail;
  const check = () => {
    if (tail.losses !== losses) throw ledgerError("ledger_unreachable", new Error("Its server crashed."));
  };
  const checked = async <T>(question: () => Promise<T>) => {
    check();
    const answer = await question();
    check();
    return answer;
  };
  // Once a transaction has its connection, that one breaks with the server.
  const inside =
    <T>(change: (tx: Tx) => Promise<T>) =>
    (tx: Tx) => {
      check();
      return change(tx);
    };
  return {
    ...ledger,
    read: (question) => checked(() => ledger.read(question)),
    write: (change) => ledger.write(inside(change)),
    writeSoon: (change) => ledger.writeSoon(inside(change)),
    change: (statement) => checked(() => ledger.change(statement)),
    changeSoon: (statement) => checked(() => ledger.changeSoon(statement)),
    sync: () => checked(() => ledger.sync()),
  };
}

type OnConnection = <T>(work: (db: Db) => Promise<T>) => Promise<T>;

/** One of the two databases, with its two ways of committing. */
interface Store {
  db: Db;
  onDisk: OnConnection;
  soon: OnConnection;
  ended: Promise<LedgerError>;
  /** Before anything is written, and after it is known to be nobody else's. */
  closeToOthers(): void;
  close(): Promise<void>;
}

function sqliteStore(location: string, answerMs: number, isWaitedFor: boolean): Store {
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<LedgerError>();
  const db: Db = new Kysely<Database>({ dialect: sqliteDialect(location, { answerMs, isWaitedFor }, onEnd) });
  let mode = "FULL";
  const inMode =
    (wanted: "FULL" | "NORMAL"): OnConnection =>
    (work) =>
      db.connection().execute(async (connection) => {
        if (mode !== wanted) {
          // One whose answer was lost may have taken effect.
          mode = "unknown";
          await sql.raw(`PRAGMA synchronous = ${wanted}`).execute(connection);
          mode = wanted;
        }
        return work(connection);
      });
  return {
    db,
    onDisk: inMode("FULL"),
    soon: inMode("NORMAL"),
    ended,
    closeToOthers: () => closeToOthers(sqliteFile(location)),
    close: () => db.destroy(),
  };
}

function postgresStore(url: string, limits: PostgresLimits, onBroken: () => void): Store {
  const db: Db = new Kysely<Database>({ dialect: postgresDialect(url, limits, "durable") });
  const lazy: Db = new Kysely<Database>({ dialect: postgresDialect(url, limits, "soon", onBroken) });
  return {
    db,
    onDisk: (work) => work(db),
    soon: (work) => work(lazy),
    // A server that is gone comes back, and new connections with it.
    ended: new Promise(() => {}),
    closeToOthers() {
      // Its server sees to that.
    },
    async close() {
      await Promise.all([db.destroy(), lazy.destroy()]);
    },
  };
}

async function migrate({ db, closeToOthers: close }: Store): Promise<void> {
  const schema = await schemaOf(db);
  close();
  if (schema === null) await sql`pragma journal_mode = wal`.execute(db);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(SCHEMA_CHANGES) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: MIGRATION_LOCK_TABLE,
    ...(schema === null ? {} : { migrationTableSchema: schema }),
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof Error && error.message.includes("previously executed migration"))
    throw ledgerError("ledger_newer", error);
  throw error;
}

/** Null on SQLite, which has none. Throws LedgerError for a database of somebody else, of which nothing was changed. */
async function schemaOf(db: Db): Promise<string | null> {
  const ask: Ask = async (statement, parameters) =>
    (await db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(statement, [...parameters]))).rows;
  if (isPostgres(db)) return (await ownPostgresSchema(ask, ownNames())).schema;
  await holdsLedger(ask, ownNames());
  return null;
}

async function identify(db: Db): Promise<string> {
  const row = await db.selectFrom("ledger_identity").select("id").executeTakeFirstOrThrow();
  return row.id;
}

async function retryBusy<T>(question: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + BUSY_PATIENCE_MS;
  for (;;) {
    try {
      return await question();
    } catch (error) {
      const translated = translateLedgerError(error);
      const busy = translated instanceof LedgerError && translated.problem === "ledger_busy";
      if (!busy || performance.now() > untilMs) throw translated;
      await sleep(BUSY_RETRY_MS * (0.5 + Math.random()));
    }
  }
}
