import { type Kysely, type RawBuilder, sql } from "kysely";

/** Where the two databases differ, in one place. */

/** Kysely's adapters tell: SQLite is one connection. */
export function isPostgres<T>(db: Kysely<T>): boolean {
  return db.getExecutor().adapter.supportsMultipleConnections === true;
}

/** The ledger's own clock in whole epoch milliseconds: workers' clocks differ, so only this one decides. */
export function nowMsSql<T>(db: Kysely<T>): RawBuilder<number> {
  return isPostgres(db)
    ? sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
}

export async function ledgerNowMs<T>(db: Kysely<T>): Promise<number> {
  const { rows } = await sql<{ now: number }>`select ${nowMsSql(db)} as now`.execute(db);
  const now = rows[0]?.now;
  if (now === undefined) throw new Error("The ledger has no clock.");
  return now;
}
