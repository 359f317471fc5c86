import { type Kysely, type RawBuilder, sql } from "kysely";
import { storable } from "../plan/texts.ts";
import type { Db } from "./ledger.ts";

/** Where the two databases differ, in one place. */

/** A truth value, as both keep it. */
export type Bit = 0 | 1;

/** Kysely's adapters tell: SQLite is one connection. */
export function isPostgres<T>(db: Kysely<T>): boolean {
  return db.getExecutor().adapter.supportsMultipleConnections === true;
}

/** In the order of SQLite: of bytes. */
export const POSTGRES_TEXT = 'text collate "C"';

/** The ledger's own clock in whole epoch milliseconds: workers' clocks differ, so only this one decides. */
export function nowMsSql<T>(db: Kysely<T>): RawBuilder<number> {
  return isPostgres(db)
    ? sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
}

/** The largest of values, none of which is null. */
export function greatest<T>(db: Kysely<T>, ...values: RawBuilder<unknown>[]): RawBuilder<number> {
  return sql<number>`${sql.raw(isPostgres(db) ? "greatest" : "max")}(${sql.join(values)})`;
}

/** The smallest of values, none of which is null. */
export function least<T>(db: Kysely<T>, ...values: RawBuilder<unknown>[]): RawBuilder<number> {
  return sql<number>`${sql.raw(isPostgres(db) ? "least" : "min")}(${sql.join(values)})`;
}

/** The ledger's clock steps back by less when it is corrected: what was set ahead just before is not beyond all bounds. */
export const CLOCK_CORRECTION_MS = 5_000;

/** An instant to come, at most so far ahead: what is further comes of a clock that was set back since. */
export function isAhead<T>(db: Kysely<T>, column: string, atMostMs: number): RawBuilder<boolean> {
  const nowMs = nowMsSql(db);
  const farthestMs = sql`${nowMs} + ${sql.lit(atMostMs + CLOCK_CORRECTION_MS)}`;
  return sql<boolean>`${sql.ref(column)} > ${nowMs} and ${sql.ref(column)} <= ${farthestMs}`;
}

/** What a column of a listed row may hold. */
export type Value = string | number | null;

/** Names and SQL types of columns: constants of ours, never input. */
export type Columns<Row> = Readonly<Record<keyof Row & string, string>>;

/**
 * Rows as the table `listed` with these columns. Parameters that hold them all, so that one statement serves lists of any
 * length: it is prepared once, and compiled in no time. JSON on SQLite, an array a column on PostgreSQL, which takes half as
 * long again to read JSON.
 */
export function listedRows<T, Row extends { readonly [Name in keyof Row]: Value }>(
  db: Kysely<T>,
  columns: Columns<Row>,
  rows: readonly Row[],
): RawBuilder<unknown> {
  // The type of `columns` names every field of a row.
  const names = Object.keys(columns) as (keyof Row & string)[];
  if (isPostgres(db)) {
    // In the select list they are read side by side; in `from`, PostgreSQL would put each one by first.
    const sent = names.map((name) => {
      const items = `{${arrayItems(rows.map((row) => row[name]))}}`;
      return sql`unnest(cast(${items} as ${sql.raw(columns[name])}[])) as ${sql.raw(name)}`;
    });
    return sql`(select ${sql.join(sent)}) as listed`;
  }
  const fields = names
    .map((name, index) => `cast(value ->> ${index} as ${columns[name]}) as ${name}`)
    .join(", ");
  const lists = rows.map((row) => names.map((name) => row[name]));
  return sql`(select ${sql.raw(fields)} from json_each(${jsonOf(lists)})) as listed`;
}

/** What JSON writes with a backslash and an array literal does not; also meets an escaped backslash before a letter. */
const OTHER_ESCAPES = /\\[bfnrtu]/;

/** The inside of an array literal of PostgreSQL's: but for those escapes, a list in JSON reads the same. */
export function arrayItems(values: readonly Value[]): string {
  const json = JSON.stringify(values);
  return OTHER_ESCAPES.test(json) ? values.map(arrayItem).join(",") : json.slice(1, -1);
}

function arrayItem(value: Value): string {
  if (typeof value !== "string") return String(value);
  return `"${storable(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** How JSON writes what no database keeps; also meets an escaped backslash before these letters. */
const UNKEPT_ESCAPES = /\\u(?:0000|d[89a-f])/;

/** As JSON in which every text is one that both databases keep. */
export function jsonOf(value: object): string {
  const json = JSON.stringify(value);
  if (!UNKEPT_ESCAPES.test(json)) return json;
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "string" ? storable(inner) : inner));
}

/** The condition that a column holds one of these values: one statement for lists of any length, as above. */
export function isOneOf<T>(
  db: Kysely<T>,
  column: string,
  values: readonly (string | number)[],
): RawBuilder<boolean> {
  const kept = values.map((value) => (typeof value === "string" ? storable(value) : value));
  return isPostgres(db)
    ? sql<boolean>`${sql.ref(column)} = any(${kept})`
    : sql<boolean>`${sql.ref(column)} in (select value from json_each(${jsonOf(values)}))`;
}

export async function ledgerNowMs<T>(db: Kysely<T>): Promise<number> {
  const { rows } = await sql<{ now: number }>`select ${nowMsSql(db)} as now`.execute(db);
  const now = rows[0]?.now;
  if (now === undefined) throw new Error("The ledger has no clock.");
  return now;
}

/** Questions at once, where each may have a connection of its own; one after the other inside of a transaction. */
export async function together<T>(db: Db, questions: readonly (() => Promise<T>)[]): Promise<T[]> {
  if (!db.isTransaction) return Promise.all(questions.map((ask) => ask()));
  const answers: T[] = [];
  for (const ask of questions) answers.push(await ask());
  return answers;
}
