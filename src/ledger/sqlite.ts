import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from "kysely";

/** A blocked statement blocks Node, so SQLite itself waits only this long; `retryBusy` waits on. */
const BUSY_TIMEOUT_MS = 50;
const OWNER_ONLY = 0o600;
/** Statements differ in length where they hold lists; the cache must not grow with them. */
const MAX_CACHED_STATEMENTS = 500;

/**
 * A dialect on Node's own SQLite: one connection, WAL, every commit on disk, readable by its owner only.
 * `<path>?max_page_count=N` keeps the file from growing beyond N pages of 4 KiB.
 */
export function sqliteDialect(location: string): SqliteDialect {
  const query = location.split("?", 2)[1];
  const maxPages = Number(new URLSearchParams(query).get("max_page_count") ?? 0);
  const path = sqliteFile(location);
  return new ImmediateSqliteDialect({ database: () => Promise.resolve(openDatabase(path, maxPages)) });
}

/** The file of a location, without what follows its "?". */
export function sqliteFile(location: string): string {
  return location.split("?", 1)[0] ?? "";
}

function openDatabase(path: string, maxPages: number) {
  if (path !== ":memory:") closeSync(openSync(path, "a", OWNER_ONLY));
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    db.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -8000;",
    );
    if (Number.isSafeInteger(maxPages) && maxPages > 0) db.exec(`PRAGMA max_page_count = ${maxPages}`);
  } catch (error) {
    db.close();
    throw error;
  }
  const cache = new Map<string, SqliteStatement>();
  return {
    close: () => db.close(),
    prepare(sql: string): SqliteStatement {
      const cached = cache.get(sql);
      if (cached !== undefined) return cached;
      if (cache.size >= MAX_CACHED_STATEMENTS) cache.clear();
      const statement = kyselyStatement(db.prepare(sql));
      cache.set(sql, statement);
      return statement;
    },
  };
}

/** Kysely speaks better-sqlite3: parameters as one array, `reader` for statements that return rows. */
function kyselyStatement(statement: StatementSync): SqliteStatement {
  // Kysely types parameters as unknown; every column type of the schema is one that SQLite binds.
  const bind = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bind(parameters)),
    run: (parameters) => statement.run(...bind(parameters)),
    iterate: (parameters) => statement.iterate(...bind(parameters)),
  };
}

/** A transaction that starts as a reader cannot wait for the write lock later on, so each takes it at once. */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  /** SQLite rolls back by itself when its disk is full; failing here would hide that error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.includes("no transaction is active"))) throw error;
    });
  }
}

/** SQLite rolls back schema changes as well, so each change of the schema is made wholly and once. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #config: ConstructorParameters<typeof SqliteDialect>[0];

  constructor(config: ConstructorParameters<typeof SqliteDialect>[0]) {
    super(config);
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateSqliteDriver(this.#config);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}
