import { type Kysely, sql } from "kysely";
import { isPostgres } from "./dialect.ts";

/** Columns of few values, over all tables; of any other column each row is taken to have a value of its own. */
const VALUES = new Map([
  ["migration_id", 1],
  ["generation", 1],
  ["phase", 3],
  ["kind", 2],
  ["state", 5],
  ["intent", 2],
  ["sender", 2],
  ["provider", 10],
  ["action", 3],
  ["reason", 20],
  ["code", 20],
  ["status", 10],
  ["group_name", 100],
]);

/**
 * Tells PostgreSQL what is in the tables before anything is. It gathers statistics late; until then it takes each
 * condition to leave one row in 200, so that all indexes seem equally good, and reads whole phases of a large run to
 * find one item. Here it counts a single row of each, under these numbers; what it learned stays when the row is gone.
 */
export async function seedStatistics<T>(db: Kysely<T>, tables: readonly string[]): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  const columns = await columnsOf(db);
  const countedOf = (table: string) => (columns.get(table) ?? []).filter((name) => VALUES.has(name));
  for (const table of tables) {
    // A text of this kind is a value of every type that the columns have.
    const row = (columns.get(table) ?? []).map(() => "'1'");
    await run(`insert into ${table} values (${row.join(", ")})`);
    const set = countedOf(table).map((name) => `alter ${name} set (n_distinct = ${VALUES.get(name)})`);
    await run(`alter table ${table} ${set.join(", ")}`);
  }
  await run(`analyze ${tables.join(", ")}`);
  await run(`truncate ${tables.join(", ")}`);
  for (const table of tables) {
    const reset = countedOf(table).map((name) => `alter ${name} reset (n_distinct)`);
    await run(`alter table ${table} ${reset.join(", ")}`);
  }
}

/** Of which PostgreSQL reads 300 rows each. By its own 100, wide rows take it most of a second. */
const SAMPLE = 10;

/**
 * Tells PostgreSQL how full these tables are by now: itself it looks a minute late, and until then it reads all of an index
 * for one person. A sample of 3,000 rows tells enough, and takes some milliseconds. SQLite asks for none.
 */
export async function sampleStatistics<T>(tx: Kysely<T>, tables: readonly string[]): Promise<void> {
  if (!isPostgres(tx)) return;
  await sql`set local default_statistics_target = ${sql.lit(SAMPLE)}`.execute(tx);
  for (const table of tables) await sql`analyze ${sql.table(table)}`.execute(tx);
}

async function columnsOf<T>(db: Kysely<T>): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ table: string; column: string }>`
    select table_name as "table", column_name as "column" from information_schema.columns
    where table_schema = current_schema() order by ordinal_position`.execute(db);
  const byTable = Map.groupBy(rows, ({ table }) => table);
  return new Map([...byTable].map(([table, own]) => [table, own.map(({ column }) => column)]));
}
