import {
  AbortedTransactionError,
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import pg from "pg";
import { startDeadline } from "./deadline.ts";
import { LedgerError, ledgerError, translateLedgerError } from "./errors.ts";
import { takesItsTime } from "./indexes.ts";

/** How long the two sides of a connection wait. Each is longer than the one before, so that the closer side speaks first. */
export interface PostgresLimits {
  /** For the locks of others: told from being slow, because it ends sooner. */
  lockMs: number;
  /** Of the server, between two statements of a transaction: what froze or vanished keeps its locks no longer. */
  idleInTransactionMs: number;
  /** Of the server. No statement of ours comes near this. */
  statementMs: number;
  /** Of this side: a server that has not answered by then is gone. */
  answerMs: number;
}

export const POSTGRES_LIMITS: PostgresLimits = {
  lockMs: 5_000,
  idleInTransactionMs: 10_000,
  statementMs: 20_000,
  answerMs: 25_000,
};

const MAX_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_CONNECTION_MS = 10_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
const INT8_TYPE_ID = 20;

/** `durable`: a commit is on disk when it resolves. `soon`: some hundred milliseconds later. */
export type Commit = "durable" | "soon";

/**
 * A dialect on PostgreSQL in which every question is answered within its deadline, or fails. A connection that missed
 * one is closed and never used again: what the server may still answer belongs to nobody. `onBroken` hears of each
 * connection that ends without our doing, in use or not, or is given up.
 */
export function postgresDialect(
  url: string,
  limits: PostgresLimits,
  commit: Commit,
  onBroken: () => void = () => undefined,
): Dialect {
  const config = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    fallback_application_name: "spillway",
  };
  return {
    createDriver: () => new PostgresDriver(config, limits, settingsStatement(limits, commit), onBroken),
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}

/**
 * What each connection sets first. Not as options of its start: those that the URL holds would replace them, and
 * poolers drop them.
 */
function settingsStatement(
  { lockMs, idleInTransactionMs, statementMs }: PostgresLimits,
  commit: Commit,
): string {
  const settings = {
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    // The server, too, has to find out when this side is gone.
    tcp_keepalives_idle: 10,
    tcp_keepalives_interval: 5,
    tcp_keepalives_count: 3,
    // Every statement of ours is made for an index and its order. PostgreSQL guesses otherwise for tables that have
    // just been filled and never been analyzed, and then takes seconds.
    enable_seqscan: "off",
    enable_sort: "off",
  };
  const calls = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`);
  // Where the server's own default is stronger, it stays.
  const level =
    commit === "soon"
      ? "'off'"
      : "case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end";
  return `select ${[...calls, `set_config('synchronous_commit', ${level}, false)`].join(", ")}`;
}

class PostgresDriver implements Driver {
  readonly #pool: pg.Pool;
  readonly #config: pg.ClientConfig;
  readonly #limits: PostgresLimits;
  readonly #settings: CompiledQuery;
  readonly #onBroken: () => void;
  /** When each connection was last seen alive, by the monotonic clock. */
  readonly #aliveAtMs = new WeakMap<pg.PoolClient, number>();
  /** Connections that were not seen alive since may be as dead as the one that gave no answer. */
  #silentSinceMs = Number.NEGATIVE_INFINITY;

  constructor(config: pg.ClientConfig, limits: PostgresLimits, settings: string, onBroken: () => void) {
    this.#onBroken = onBroken;
    this.#config = config;
    this.#limits = limits;
    this.#settings = CompiledQuery.raw(settings);
    this.#pool = new pg.Pool({
      ...config,
      max: MAX_CONNECTIONS,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
      // Every bigint of the schema is an instant in milliseconds: far below 2^53.
      types: {
        getTypeParser: (oid, format) => (oid === INT8_TYPE_ID ? Number : pg.types.getTypeParser(oid, format)),
      },
    });
    // A connection that breaks is replaced by the pool, and a query on it fails; without listeners, on the idle ones
    // and on those in use, it would end the process.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => client.on("error", onBroken));
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    for (;;) {
      const client = await this.#pool.connect().catch((error: unknown) => {
        throw connectProblem(error);
      });
      const connection = new PostgresConnection(client, {
        answerMs: this.#limits.answerMs,
        onSilence: (sinceMs) => {
          this.#silentSinceMs = Math.max(this.#silentSinceMs, sinceMs);
          this.#onBroken();
        },
        serverAnswersOthers: () => this.#answersOthers(),
      });
      const aliveAtMs = this.#aliveAtMs.get(client);
      if (aliveAtMs === undefined) {
        await connection.executeQuery(this.#settings).catch((error: unknown) => {
          connection.close();
          throw settingProblem(error);
        });
        this.#aliveAtMs.set(client, performance.now());
        return connection;
      }
      if (aliveAtMs > this.#silentSinceMs) return connection;
      connection.close();
    }
  }

  async beginTransaction(connection: PostgresConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin"));
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    // PostgreSQL rolls back, and says so, where an error before was swallowed.
    if ((await connection.run("commit", [])).command === "ROLLBACK") throw new AbortedTransactionError();
  }

  /** Failing here would hide why it is rolled back; the server rolls back what is on a connection that was closed. */
  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    await connection.run("rollback", []).catch(() => connection.close());
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    if (connection.release()) this.#aliveAtMs.set(connection.client, performance.now());
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }

  async #answersOthers(): Promise<boolean> {
    const other = new pg.Client(this.#config);
    other.on("error", () => undefined);
    try {
      await other.connect();
      await other.end();
      return true;
    } catch {
      return false;
    }
  }
}

interface Watch {
  answerMs: number;
  /** Told when an answer did not come that was asked for then. */
  onSilence: (sinceMs: number) => void;
  serverAnswersOthers: () => Promise<boolean>;
}

/** A connection of the pool, for as long as somebody has it. */
class PostgresConnection implements DatabaseConnection {
  readonly client: pg.PoolClient;
  readonly #watch: Watch;
  #isReleased = false;

  constructor(client: pg.PoolClient, watch: Watch) {
    this.client = client;
    this.#watch = watch;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { command, rowCount, rows } = await this.run(sql, parameters);
    const isChange = ["INSERT", "UPDATE", "DELETE", "MERGE"].includes(command);
    // The statement tells the shape of its rows to Kysely, which tells it to us.
    const typed = rows as R[];
    return isChange ? { rows: typed, numAffectedRows: BigInt(rowCount ?? 0) } : { rows: typed };
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("Rows are read in slices, not as a stream.");
  }

  run(statement: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    if (this.#isReleased) return Promise.reject(ledgerError("ledger_unreachable"));
    const askedAtMs = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>();
    let isAnswered = false;
    let cancelDeadline = () => {};
    const watch = () => {
      cancelDeadline = startDeadline(this.#watch.answerMs, async () => {
        const mayTakeLonger = takesItsTime(statement) && (await this.#watch.serverAnswersOthers());
        if (isAnswered) return;
        if (mayTakeLonger) return watch();
        this.#watch.onSilence(askedAtMs);
        this.close();
        reject(ledgerError("ledger_unreachable", new Error(`No answer within ${this.#watch.answerMs} ms.`)));
      });
    };
    watch();
    const answered = this.client.query(statement, [...parameters]).finally(() => {
      isAnswered = true;
      cancelDeadline();
    });
    answered.then(resolve, reject);
    return promise;
  }

  /** Back to the pool, for the next one. False where it was closed before. */
  release(): boolean {
    if (this.#isReleased) return false;
    this.#isReleased = true;
    this.client.release();
    return true;
  }

  /** For good: the socket is destroyed, with whatever is still on its way. */
  close(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.client.release(true);
  }
}

/** Where there is no connection the ledger is out of reach, whatever the reason. */
function connectProblem(error: unknown): LedgerError {
  const translated = translateLedgerError(error);
  const isKnown = translated instanceof LedgerError && translated.problem !== "ledger_not_writable";
  return isKnown ? translated : ledgerError("ledger_unreachable", error);
}

function settingProblem(error: unknown): LedgerError {
  const translated = translateLedgerError(error);
  const isLost = translated instanceof LedgerError && translated.problem === "ledger_unreachable";
  return isLost ? translated : ledgerError("ledger_unsuitable", error);
}
