import { CompiledQuery } from "kysely";
import { type Columns, isPostgres } from "./dialect.ts";
import type { LedgerKind, Tx } from "./ledger.ts";

/** Rows of one statement on SQLite: a few sizes only, so that each text is prepared once. */
const STATEMENT_ROWS = [400, 40, 4, 1];

type Value = string | number | null;

/** Rows as `insertPacked` takes them: flat, so that they cost little while they wait. */
export interface PackedRows {
  count: number;
  /** SQLite: row after row. PostgreSQL: the inside of an array literal for each column. */
  values: readonly Value[];
}

/** Many rows the quickest way of each database: bound values on SQLite, an array a column on PostgreSQL. */
export function packRows<Row extends { readonly [Name in keyof Row]: Value }>(
  kind: LedgerKind,
  columns: Columns<Row>,
  rows: readonly Row[],
): PackedRows {
  const names = namesOf(columns);
  const values =
    kind === "postgresql"
      ? names.map((name) => arrayItems(rows.map((row) => row[name])))
      : rows.flatMap((row) => names.map((name) => row[name]));
  return { count: rows.length, values };
}

/** Inserts them; `onConflict` is the clause that follows. Returns how many rows were written. */
export async function insertPacked<Row>(
  tx: Tx,
  table: string,
  columns: Columns<Row>,
  packed: readonly PackedRows[],
  onConflict: string,
): Promise<number> {
  const names = namesOf(columns);
  const into = `insert into ${table} (${names.join(", ")})`;
  if (isPostgres(tx)) {
    const arrays = names.map((name, index) => `$${index + 1}::${columns[name]}[]`);
    const filled = packed.filter(({ count }) => count > 0);
    const literals = names.map((_, index) => `{${filled.map(({ values }) => values[index]).join(",")}}`);
    return run(tx, `${into} select * from unnest(${arrays.join(", ")}) ${onConflict}`, literals);
  }
  const places = `(${names.map(() => "?").join(", ")})`;
  const all = packed.flatMap(({ values }) => values);
  let written = 0;
  for (const [from, to] of statements(all.length / names.length)) {
    const text = `${into} values ${Array(to - from)
      .fill(places)
      .join(", ")} ${onConflict}`;
    written += await run(tx, text, all.slice(from * names.length, to * names.length));
  }
  return written;
}

async function run(tx: Tx, text: string, values: readonly Value[]): Promise<number> {
  return Number((await tx.executeQuery(CompiledQuery.raw(text, [...values]))).numAffectedRows);
}

/** The type of `columns` names every field of a row. */
function namesOf<Row>(columns: Columns<Row>): (keyof Row & string)[] {
  return Object.keys(columns) as (keyof Row & string)[];
}

/** A list in JSON is one in an array literal as well, unless it holds a backslash: JSON escapes more with it. */
function arrayItems(values: readonly Value[]): string {
  const json = JSON.stringify(values);
  return json.includes("\\") ? values.map(arrayItem).join(",") : json.slice(1, -1);
}

function arrayItem(value: Value): string {
  if (typeof value !== "string") return String(value);
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function* statements(rows: number): Generator<[from: number, to: number]> {
  let from = 0;
  for (const size of STATEMENT_ROWS) for (; from + size <= rows; from += size) yield [from, from + size];
}
