import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { startDeadline } from "./deadline.ts";
import { LedgerError, ledgerError } from "./errors.ts";
import { takesItsTime } from "./indexes.ts";
import { sqliteFile } from "./sqlite-file.ts";
import type { Asked, Failure, Reply, Request, Result } from "./sqlite-thread.ts";

/**
 * The log is brought into the file by the commit that makes it this long. Many pages at once cost an import least, and
 * hold that commit up for a quarter of a second on a plain disk; few cost each of them a millisecond or so.
 */
const MANY_PAGES = 8_000;
const FEW_PAGES = 250;

/**
 * A dialect on Node's own SQLite in a thread of its own: one connection, WAL, every commit on disk, readable by its
 * owner only. `<path>?max_page_count=N` keeps the file from growing beyond N pages of 4 KiB.
 * `onEnd` is called once if the thread ends by itself: nothing can be asked any more, and what was asked fails.
 */
export function sqliteDialect(
  location: string,
  { answerMs, isWaitedFor }: { answerMs: number; isWaitedFor: boolean },
  onEnd: (error: LedgerError) => void,
): Dialect {
  const query = location.split("?", 2)[1];
  const maxPages = Number(new URLSearchParams(query).get("max_page_count") ?? 0);
  const open: Request = {
    kind: "open",
    path: sqliteFile(location),
    maxPages,
    checkpointPages: isWaitedFor ? FEW_PAGES : MANY_PAGES,
  };
  return {
    createDriver: () => new ThreadedDriver(open, new SqliteThread(answerMs, onEnd)),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** As the only parameter: rows for one statement, run for some of them at a time, as often as they need. */
export class RowList {
  /** In the statement, where the values of the rows go. */
  static readonly PLACE = "(rows)";
  readonly width: number;
  /** Each a JSON list of rows, which are lists of values: bytes cross to the thread at next to no cost. */
  readonly pages: readonly Uint8Array[];

  constructor(width: number, pages: readonly Uint8Array[]) {
    this.width = width;
    this.pages = pages;
  }
}

/** What the thread holds lives for one statement: more room would only be filled later. */
const MAX_YOUNG_MB = 8;

interface Asker {
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
  cancelDeadline: () => void;
}

/** TypeScript in a clone, JavaScript in the package. */
const THREAD = new URL(`./sqlite-thread${extname(import.meta.filename)}`, import.meta.url);

/** The thread, asked one thing after the other. It keeps the process alive only while something is asked. */
class SqliteThread {
  readonly #worker = new Worker(THREAD, {
    resourceLimits: { maxYoungGenerationSizeMb: MAX_YOUNG_MB },
  });
  readonly #asked = new Map<number, Asker>();
  readonly #answerMs: number;
  readonly #onEnd: (error: LedgerError) => void;
  #lastId = 0;
  #ended: LedgerError | undefined;
  #isStopped = false;

  constructor(answerMs: number, onEnd: (error: LedgerError) => void) {
    this.#answerMs = answerMs;
    this.#onEnd = onEnd;
    this.#worker.unref();
    this.#worker.on("message", (reply: Reply) => this.#answer(reply));
    // Its message may hold what the thread had in hand.
    this.#worker.on("error", (error) => this.#end(ledgerError("ledger_ended", error)));
    this.#worker.on("exit", () => this.#end(ledgerError("ledger_ended")));
  }

  ask(request: Request): Promise<Result> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    this.#lastId += 1;
    const id = this.#lastId;
    this.#worker.ref();
    this.#worker.postMessage({ id, request } satisfies Asked);
    return new Promise((resolve, reject) => {
      const isUnlimited = request.kind === "run" && takesItsTime(request.sql);
      // A thread that is stuck in the disk cannot be interrupted, nor another one be trusted beside it.
      const late = () => this.#end(ledgerError("ledger_stuck"));
      const cancelDeadline = isUnlimited ? () => {} : startDeadline(this.#answerMs, late);
      this.#asked.set(id, { resolve, reject, cancelDeadline });
    });
  }

  async close(): Promise<void> {
    if (this.#ended === undefined) await this.ask({ kind: "close" });
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    // Waiting for one that is stuck would never end.
    if (this.#ended === undefined) await this.#worker.terminate();
  }

  #answer(reply: Reply): void {
    const asker = this.#asked.get(reply.id);
    this.#asked.delete(reply.id);
    asker?.cancelDeadline();
    if (this.#asked.size === 0) this.#worker.unref();
    if ("failure" in reply) asker?.reject(errorOf(reply.failure));
    else asker?.resolve(reply.result);
  }

  #end(error: LedgerError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    for (const { reject, cancelDeadline } of this.#asked.values()) {
      cancelDeadline();
      reject(error);
    }
    this.#asked.clear();
    this.#worker.unref();
    if (!this.#isStopped) this.#onEnd(error);
  }
}

function errorOf({ message, ...codes }: Failure): Error {
  return Object.assign(new Error(message), codes);
}

class ThreadConnection implements DatabaseConnection {
  readonly #thread: SqliteThread;
  /** Of a transaction of which nothing was asked yet. */
  #mayBegin = false;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  /** With the next statement. */
  begin(): void {
    this.#mayBegin = true;
  }

  /** Ends the transaction, unless it is one that never asked anything. */
  async end(how: "commit" | "rollback"): Promise<void> {
    const isEmpty = this.#mayBegin;
    this.#mayBegin = false;
    if (!isEmpty) await this.executeQuery(CompiledQuery.raw(how));
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const [first] = parameters;
    const begins = this.#mayBegin;
    this.#mayBegin = false;
    const { rows, changes } = await this.#thread.ask(
      first instanceof RowList ? runForRows(sql, first, begins) : { kind: "run", sql, parameters, begins },
    );
    // The statement tells the shape of its rows to Kysely, which tells it to us.
    const typed = rows as R[];
    return changes === null ? { rows: typed } : { rows: typed, numAffectedRows: BigInt(changes) };
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("Rows are read in slices, not as a stream.");
  }
}

function runForRows(sql: string, { width, pages }: RowList, begins: boolean): Request {
  const [before = "", after = ""] = sql.split(RowList.PLACE, 2);
  return { kind: "runForRows", before, after, width, pages, begins };
}

/** Kysely itself lets one user at a time have the connection. */
class ThreadedDriver implements Driver {
  readonly #open: Request;
  readonly #thread: SqliteThread;
  readonly #connection: ThreadConnection;

  constructor(open: Request, thread: SqliteThread) {
    this.#open = open;
    this.#thread = thread;
    this.#connection = new ThreadConnection(thread);
  }

  async init(): Promise<void> {
    try {
      await this.#thread.ask(this.#open);
    } catch (error) {
      await this.#thread.stop();
      throw error;
    }
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }

  async beginTransaction(): Promise<void> {
    this.#connection.begin();
  }

  async commitTransaction(): Promise<void> {
    await this.#connection.end("commit");
  }

  /** SQLite rolls back by itself when its disk is full; failing here would hide that error. */
  async rollbackTransaction(): Promise<void> {
    await this.#connection.end("rollback").catch((error: unknown) => {
      const isOver = error instanceof Error && error.message.includes("no transaction is active");
      // Nobody commits what the thread had open when it ended.
      const isEnded = error instanceof LedgerError;
      if (!isOver && !isEnded) throw error;
    });
  }

  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }

  async destroy(): Promise<void> {
    await this.#thread.close();
  }
}

/** SQLite rolls back schema changes as well, so each change of the schema is made wholly and once. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
