import { type Kysely, sql } from "kysely";
import { isPostgres } from "./dialect.ts";

/** Any number that nobody else takes for an advisory lock of the same database. */
const BUILDERS_LOCK = 4_711_002;

/**
 * Makes an index on a table that may be full, unless it is there: `create index if not exists …`. It takes as long as it
 * takes, a minute for ten million rows, in which nobody else writes that table. Builders come one after the other,
 * because PostgreSQL fails when two make the same index at once.
 */
export async function buildIndex<T>(tx: Kysely<T>, statement: string): Promise<void> {
  if (isPostgres(tx)) {
    await sql`select pg_advisory_xact_lock(${BUILDERS_LOCK})`.execute(tx);
    await sql`set local statement_timeout = 0`.execute(tx);
  }
  await sql.raw(statement).execute(tx);
}

/** The statements that no deadline ends: they read or write all of a table, or of a file. */
export function takesItsTime(statement: string): boolean {
  return /^(create (unique )?index |alter table |vacuum$|pragma wal_checkpoint)/.test(statement);
}
