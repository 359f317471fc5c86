import { CompiledQuery, sql } from "kysely";
import { type Columns, isPostgres, listedRows } from "./dialect.ts";
import type { Tx } from "./ledger.ts";

/** Rows of one statement on SQLite: a few sizes only, so that each text is prepared once. */
const STATEMENT_ROWS = [400, 40, 4, 1];

type Value = string | number | null;

/**
 * Inserts many rows the quickest way of each database: bound values on SQLite, which pays for every JSON field that it
 * reads; one JSON parameter on PostgreSQL, which pays for every parameter. `onConflict` is the clause that follows.
 * Returns how many rows were written.
 */
export async function insertRows<Row extends { readonly [Name in keyof Row]: Value }>(
  tx: Tx,
  table: string,
  columns: Columns<Row>,
  rows: readonly Row[],
  onConflict: string,
): Promise<number> {
  // The type of `columns` names every field of a row.
  const names = Object.keys(columns) as (keyof Row & string)[];
  const into = `insert into ${table} (${names.join(", ")})`;
  if (isPostgres(tx)) {
    const listed = listedRows(tx, columns, rows);
    const from = sql`${sql.raw(`${into} select ${names.join(", ")} from`)} ${listed} ${sql.raw(onConflict)}`;
    return Number((await from.execute(tx)).numAffectedRows);
  }
  const places = `(${names.map(() => "?").join(", ")})`;
  let written = 0;
  for (const some of inStatements(rows)) {
    const text = `${into} values ${Array(some.length).fill(places).join(", ")} ${onConflict}`;
    const values = some.flatMap((row) => names.map((name) => row[name]));
    written += Number((await tx.executeQuery(CompiledQuery.raw(text, values))).numAffectedRows);
  }
  return written;
}

function* inStatements<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  let start = 0;
  for (const size of STATEMENT_ROWS)
    for (; start + size <= rows.length; start += size) yield rows.slice(start, start + size);
}
