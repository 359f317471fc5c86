import { CompiledQuery, sql } from "kysely";
import { type Columns, isPostgres, listedRows } from "./dialect.ts";
import type { Tx } from "./ledger.ts";

/** Rows of one statement on SQLite: the text is the same for all but the last, so it is prepared once. */
const ROWS_A_STATEMENT = 40;

type Value = string | number | null;

/**
 * Inserts many rows the quickest way of each database: bound values on SQLite, which pays for every JSON field that it
 * reads; one JSON parameter on PostgreSQL, which pays for every parameter. `onConflict` is the clause that follows.
 */
export async function insertRows<Row extends { readonly [Name in keyof Row]: Value }>(
  tx: Tx,
  table: string,
  columns: Columns<Row>,
  rows: readonly Row[],
  onConflict: string,
): Promise<void> {
  // The type of `columns` names every field of a row.
  const names = Object.keys(columns) as (keyof Row & string)[];
  const into = `insert into ${table} (${names.join(", ")})`;
  if (isPostgres(tx)) {
    const listed = listedRows(tx, columns, rows);
    await sql`${sql.raw(`${into} select ${names.join(", ")} from`)} ${listed} ${sql.raw(onConflict)}`.execute(
      tx,
    );
    return;
  }
  const places = `(${names.map(() => "?").join(", ")})`;
  for (let start = 0; start < rows.length; start += ROWS_A_STATEMENT) {
    const some = rows.slice(start, start + ROWS_A_STATEMENT);
    const text = `${into} values ${Array(some.length).fill(places).join(", ")} ${onConflict}`;
    const values = some.flatMap((row) => names.map((name) => row[name]));
    await tx.executeQuery(CompiledQuery.raw(text, values));
  }
}
