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

/**
 * The elements of a JSON list as rows with the column `value`; of an inner list, `value ->> 0` is the first field.
 * One parameter, so that one statement serves lists of any length: it is prepared once, and compiled in no time.
 */
export function jsonRows<T>(db: Kysely<T>, rows: readonly unknown[]): RawBuilder<unknown> {
  const json = JSON.stringify(rows);
  return isPostgres(db)
    ? sql`json_array_elements(cast(${json} as json)) as listed(value)`
    : sql`json_each(${json}) as listed`;
}

/** The condition that a column holds one of these texts: one statement for lists of any length, as above. */
export function isOneOf<T>(db: Kysely<T>, column: string, values: readonly string[]): RawBuilder<boolean> {
  return isPostgres(db)
    ? sql<boolean>`${sql.ref(column)} = any(${values})`
    : sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`;
}

export async function ledgerNowMs<T>(db: Kysely<T>): Promise<number> {
  const { rows } = await sql<{ now: number }>`select ${nowMsSql(db)} as now`.execute(db);
  const now = rows[0]?.now;
  if (now === undefined) throw new Error("The ledger has no clock.");
  return now;
}
