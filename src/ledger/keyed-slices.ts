import { type RawBuilder, sql } from "kysely";
import type { Db, Ledger } from "./ledger.ts";
import type { Database } from "./schema.ts";
import { slicesAfter } from "./slices.ts";

/** Rows of any table of a migration, in order of a unique key: for whoever goes through several tables alike. */

/** Constants of ours, never input. */
export interface Keyed {
  table: keyof Database;
  /** Of an index of all of them, behind the migration. */
  key: readonly string[];
  /** The only rows that are meant, of a table whose key begins with it. */
  kind?: "user";
}

export type Key = readonly (string | number)[];

export interface KeyedRow {
  key: Key;
  /** Of the SQL that was asked for. */
  value: number | null;
}

/** All of a table, slice by slice, with the value of some SQL for each row. */
export function keyedSlices(
  ledger: Ledger,
  migrationId: number,
  keyed: Keyed,
  { value, rows: limit }: { value: string; rows: number },
): AsyncGenerator<readonly KeyedRow[]> {
  return slicesAfter<KeyedRow, Key | null>(
    null,
    ({ key }) => key,
    (after) => ledger.read((db) => keyedSlice(db, migrationId, keyed, { value, after, limit })),
  );
}

/** The rows after a key, from the first one on where it is null. */
export async function keyedSlice(
  db: Db,
  migrationId: number,
  keyed: Keyed,
  { value, after, limit }: { value: string; after: Key | null; limit: number },
): Promise<KeyedRow[]> {
  const { table, key } = keyed;
  const columns = sql.raw(key.join(", "));
  const { rows } = await sql<Record<string, string | number> & { value: number | null }>`
    select ${columns}, ${sql.raw(value)} as value from ${sql.table(table)}
    where ${ofMigration(migrationId, keyed)} ${after === null ? sql`` : sql`and (${columns}) > (${sql.join(after)})`}
    order by ${columns} limit ${limit}`.execute(db);
  // The columns are named above, and none of them is ever null.
  return rows.map((row) => ({ key: key.map((name) => row[name] as string | number), value: row.value }));
}

/** The rows that are meant. */
export function ofMigration(migrationId: number, { kind }: Keyed): RawBuilder<boolean> {
  const own = sql<boolean>`migration_id = ${migrationId}`;
  return kind === undefined ? own : sql<boolean>`${own} and kind = ${kind}`;
}
