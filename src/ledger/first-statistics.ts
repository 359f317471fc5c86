import { type Kysely, sql } from "kysely";

/** Columns of few values, over all tables; of any other column each row is taken to have a value of its own. */
const VALUES = {
  migration_id: 1,
  generation: 1,
  phase: 3,
  kind: 2,
  state: 5,
  intent: 2,
  sender: 2,
  provider: 10,
  action: 3,
  reason: 20,
  code: 20,
  status: 10,
  group_name: 100,
};

/**
 * Tells PostgreSQL what is in the tables before anything is. It gathers statistics late; until then it takes each
 * condition to leave one row in 200, so that all indexes seem equally good, and reads whole phases of a large run to
 * find one item. Here it counts a single row, under these numbers; what it learned stays when the row is gone.
 */
export async function seedStatistics<T>(db: Kysely<T>, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    const { rows } = await sql<{ name: string }>`
      select column_name as name from information_schema.columns
      where table_schema = current_schema() and table_name = ${table} order by ordinal_position`.execute(db);
    const alter = (change: (values: number) => string) =>
      rows.flatMap(({ name }) =>
        Object.entries(VALUES).flatMap(([column, values]) =>
          column === name ? `alter column ${name} ${change(values)}` : [],
        ),
      );
    for (const statement of [
      // A text of this kind is a value of every type that the columns have.
      `insert into ${table} values (${rows.map(() => "'1'").join(", ")})`,
      `alter table ${table} ${alter((values) => `set (n_distinct = ${values})`).join(", ")}`,
      `analyze ${table}`,
      `alter table ${table} ${alter(() => "reset (n_distinct)").join(", ")}`,
      `truncate ${table}`,
    ])
      await sql.raw(statement).execute(db);
  }
}
