import { sql } from "kysely";
import type { Ledger } from "../../src/ledger/ledger.ts";

/** Rows of every table that the ledger has, whatever it is called and whoever added it, as one JSON text each. */
async function everyRow(ledger: Ledger): Promise<{ table: string; row: string }[]> {
  const tables = await ledger.read((db) => db.introspection.getTables());
  const all = [];
  for (const { name } of tables) {
    const { rows } = await ledger.read((db) => sql`select * from ${sql.table(name)}`.execute(db));
    all.push(...rows.map((row) => ({ table: name, row: JSON.stringify(row) })));
  }
  return all;
}

/** Tables that hold a text, with how many of their rows do. */
export async function tablesHolding(ledger: Ledger, text: string): Promise<Record<string, number>> {
  const held: Record<string, number> = {};
  for (const { table, row } of await everyRow(ledger))
    if (row.includes(text)) held[table] = (held[table] ?? 0) + 1;
  return held;
}

/** What stands in each `table.column`, as texts. */
export async function valuesByColumn(ledger: Ledger): Promise<Map<string, Set<string>>> {
  const all = new Map<string, Set<string>>();
  // What a row of the database is, written as JSON above.
  for (const { table, row } of await everyRow(ledger))
    for (const [name, value] of Object.entries(JSON.parse(row) as Record<string, unknown>)) {
      const column = `${table}.${name}`;
      all.set(column, (all.get(column) ?? new Set()).add(String(value)));
    }
  return all;
}

/** Each `table.column` in which a text stands. */
export async function columnsHolding(ledger: Ledger, text: string): Promise<Set<string>> {
  const found = [...(await valuesByColumn(ledger))].filter(([, values]) =>
    [...values].some((value) => value.includes(text)),
  );
  return new Set(found.map(([column]) => column));
}

/** Columns of which PostgreSQL's statistics repeat a text: the values that it met most, and bounds between them. */
export async function statisticsHolding(ledger: Ledger, text: string): Promise<string[]> {
  if (ledger.kind === "sqlite") return [];
  const { rows } = await ledger.read((db) =>
    sql<{ column: string; kept: string }>`
      select tablename || '.' || attname as column,
        concat(most_common_vals::text, histogram_bounds::text, most_common_elems::text) as kept
      from pg_stats where schemaname = current_schema()`.execute(db),
  );
  return rows.filter(({ kept }) => kept.includes(text)).map(({ column }) => column);
}
