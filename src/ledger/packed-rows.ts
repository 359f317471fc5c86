import { CompiledQuery } from "kysely";
import { arrayItems, type Columns, isPostgres, jsonOf, type Value } from "./dialect.ts";
import type { LedgerKind, Tx } from "./ledger.ts";
import { RowList } from "./sqlite.ts";

/** Rows as `insertPacked` takes them: few and flat things, which cost little while they wait. */
export interface PackedRows {
  count: number;
  /** SQLite: the rows as JSON, each a list. Empty for PostgreSQL. */
  json: Uint8Array;
  /** PostgreSQL: the inside of an array literal for each column. Empty for SQLite. */
  columns: readonly string[];
}

const encoder = new TextEncoder();
const NO_JSON = new Uint8Array();

/** The columns of a table that is written in many rows at once. */
export interface PackedColumns<Row> {
  types: Columns<Row>;
  /** Columns, each with the one whose value it mostly has as well: PostgreSQL is sent that one alone. */
  repeats: Readonly<Partial<Record<keyof Row & string, keyof Row & string>>>;
}

/** Many rows the quickest way of each database: bound values on SQLite, an array a column on PostgreSQL. */
export function packRows<Row extends { readonly [Name in keyof Row]: Value }>(
  kind: LedgerKind,
  { types, repeats }: PackedColumns<Row>,
  rows: readonly Row[],
): PackedRows {
  const names = namesOf(types);
  const count = rows.length;
  if (kind === "postgresql") {
    const columns = names.map((name) => {
      const other = repeats[name];
      const values = rows.map((row) => (other !== undefined && row[name] === row[other] ? null : row[name]));
      return arrayItems(values);
    });
    return { count, json: NO_JSON, columns };
  }
  const lists = rows.map((row) => names.map((name) => row[name]));
  return { count, json: encoder.encode(jsonOf(lists)), columns: [] };
}

/** Inserts them; `onConflict` is the clause that follows. Returns how many rows were written. */
export async function insertPacked<Row>(
  tx: Tx,
  table: string,
  { types, repeats }: PackedColumns<Row>,
  packed: readonly PackedRows[],
  onConflict: string,
): Promise<number> {
  const filled = packed.filter(({ count }) => count > 0);
  const names = namesOf(types);
  const into = `insert into ${table} (${names.join(", ")})`;
  if (!isPostgres(tx)) {
    const rows = new RowList(
      names.length,
      filled.map(({ json }) => json),
    );
    return run(tx, `${into} values ${RowList.PLACE} ${onConflict}`, [rows]);
  }
  const arrays = names.map((_, index) => `{${filled.map((page) => page.columns[index]).join(",")}}`);
  // In the select list they are read side by side; in `from`, PostgreSQL would put each one by first.
  const sent = names.map((name, index) => `unnest($${index + 1}::${types[name]}[]) as ${name}`);
  const values = names.map((name) =>
    repeats[name] === undefined ? name : `coalesce(${name}, ${repeats[name]})`,
  );
  const select = `select ${values.join(", ")} from (select ${sent.join(", ")}) as sent`;
  return run(tx, `${into} ${select} ${onConflict}`, arrays);
}

async function run(tx: Tx, text: string, parameters: unknown[]): Promise<number> {
  return Number((await tx.executeQuery(CompiledQuery.raw(text, parameters))).numAffectedRows);
}

/** The type of `columns` names every field of a row. */
function namesOf<Row>(columns: Columns<Row>): (keyof Row & string)[] {
  return Object.keys(columns) as (keyof Row & string)[];
}
