import { sql } from "kysely";
import { POSTGRES_TEXT } from "./dialect.ts";
import { sampleStatistics } from "./first-statistics.ts";
import type { Ledger, Tx } from "./ledger.ts";
import { ID_MAP_PARTS, PERSONAL_PARTS } from "./personal-data.ts";

/** Columns of words of ours: partial indexes are about them, and all of those would be made anew. */
export const OWN_WORDS = ["action", "code", "intent", "kind", "phase", "reason", "sender", "state", "status"];
/** Of accounts that stay, and in an index of them all. */
const KEPT_IDS = ["destination_id"];

/**
 * PostgreSQL remembers some values of each column, for as long as it counts no others: of a table without rows for ever,
 * and of one whose few rows it does not meet among many that went. Of a column whose type is set anew it forgets them,
 * even where the type is the one it was. Nothing is written anew for that but partial indexes of such columns: small ones,
 * for which the table is read once, while nobody else uses it.
 */
export async function forgetStatistics(ledger: Ledger, withIdMap: boolean): Promise<void> {
  if (ledger.kind === "sqlite") return;
  const parts = [...PERSONAL_PARTS, ...(withIdMap ? ID_MAP_PARTS : [])];
  const kept = [...OWN_WORDS, ...(withIdMap ? [] : KEPT_IDS)];
  for (const table of new Set(parts.map((part) => part.table)))
    await ledger.write((tx) => forgetOf(tx, table, kept));
}

async function forgetOf(tx: Tx, table: string, kept: readonly string[]): Promise<void> {
  const columns = (await textsOf(tx, table)).filter((name) => !kept.includes(name));
  const forget = columns.map((name) => sql`alter ${sql.ref(name)} type ${sql.raw(POSTGRES_TEXT)}`);
  await sql`set local statement_timeout = 0`.execute(tx);
  if (forget.length > 0) await sql`alter table ${sql.table(table)} ${sql.join(forget)}`.execute(tx);
  await sampleStatistics(tx, [table]);
}

async function textsOf(tx: Tx, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = current_schema() and table_name = ${table} and data_type = 'text'`.execute(tx);
  return rows.map(({ name }) => name);
}
