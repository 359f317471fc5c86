import { sql } from "kysely";
import { POSTGRES_TEXT } from "./dialect.ts";
import { sampleStatistics } from "./first-statistics.ts";
import type { Ledger, Tx } from "./ledger.ts";
import { purgedColumns } from "./personal-data.ts";

/** Columns that say nothing of anybody, words and numbers of ours: partial indexes are about them. */
export const OWN_COLUMNS = [
  ...["action", "code", "intent", "kind", "phase", "reason", "sender", "state", "status"],
  ...["migration_id", "generation", "ordinal"],
];

/**
 * PostgreSQL remembers some values of each column, for as long as it counts no others: of a table without rows for ever,
 * and of one whose few rows it does not meet among many that went. Of a column whose type is set anew it forgets them,
 * even where the type is the one it was. Nothing is written anew for that but partial indexes of such columns, for which the
 * table is read once, while nobody else uses it.
 */
export async function forgetStatistics(ledger: Ledger, withIdMap: boolean): Promise<void> {
  if (ledger.kind === "sqlite") return;
  for (const [table, columns] of purgedColumns(withIdMap))
    await ledger.write((tx) => forgetOf(tx, table, columns));
}

async function forgetOf(tx: Tx, table: string, purged: readonly string[] | null): Promise<void> {
  const columns = (await columnsOf(tx, table)).filter(
    ({ name }) => !OWN_COLUMNS.includes(name) && (purged === null || purged.includes(name)),
  );
  const forget = columns.map(({ name, type }) => sql`alter ${sql.ref(name)} type ${sql.raw(type)}`);
  await sql`set local statement_timeout = 0`.execute(tx);
  await sql`alter table ${sql.table(table)} ${sql.join(forget)}`.execute(tx);
  await sampleStatistics(tx, [table]);
}

/** With the type that each has. */
async function columnsOf(tx: Tx, table: string): Promise<{ name: string; type: string }[]> {
  const { rows } = await sql<{ name: string; type: string }>`
    select column_name as name, data_type as type from information_schema.columns
    where table_schema = current_schema() and table_name = ${table}`.execute(tx);
  return rows.map(({ name, type }) => ({ name, type: type === "text" ? POSTGRES_TEXT : type }));
}
