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
