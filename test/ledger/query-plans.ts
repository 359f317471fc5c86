import { CompiledQuery, type KyselyPlugin, type QueryId } from "kysely";
import type { Db, Ledger, Tx } from "../../src/ledger/ledger.ts";
import { postgresAccesses } from "./postgres-plans.ts";
import { sqliteAccesses } from "./sqlite-plans.ts";

/** Finds statements that read a table that grows with the pool from end to end, by what the database plans to do. */

/** Tables with a row or more for each person. */
export const GROWING = [
  "source_users",
  "identities",
  "group_members",
  "plan",
  "planned_objects",
  "placed",
  "work_items",
  "mails",
  "looks",
  "bridge_accounts",
  "bridge_moves",
  "bridge_proofs",
  "completed_resets",
  "reset_links",
];
/** Columns that split no table: a search by these alone reads about all of it. */
const COARSE = new Set([
  "migration_id",
  "generation",
  "phase",
  "kind",
  "state",
  "sender",
  "provider",
  "group_name",
]);
/** Phases and kinds of which there are few, however large the pool: a search by these reads little. */
const FEW = ["structure", "credentials", "organization", "role", "connection", "redirect_uri", "application"];
/**
 * Rows of an earlier run are those of people who are gone since: a walk passes over few of them. A run stops when many
 * of its items are put off.
 */
const SELDOM_OTHER = new Set(["generation", "due_at_ms"]);

export interface Statement {
  sql: string;
  parameters: readonly unknown[];
}

export interface Scan {
  table: string;
  /** The part of the plan that says so. */
  step: string;
  sql: string;
}

/** One way to a table in a statement's plan. */
export interface Access {
  table: string;
  /** Columns that narrow the search in an index, in its order; none for a scan. */
  searchedBy: readonly Search[];
  /** Columns by which rows are thrown away that were read; SQLite does not tell. */
  filteredBy: readonly string[];
  /** A limit ends it: no row is sorted before the first one comes out, and it is not read again for each row of another. */
  endsEarly: boolean;
  step: string;
}

/** `one`: to some values, or between two of them. `end`: from a value to the end, or to it from the start. */
export interface Search {
  column: string;
  to: "one" | "end";
}

/** A statement that was asked, and how long its answers took; of several the slowest. */
export interface Heard extends Statement {
  slowestMs: number;
}

/**
 * The same ledger, which keeps the text of whatever is asked of it, each once. Statements that `insertPacked` makes are
 * not among them: they read no table.
 */
export function watched(ledger: Ledger): { ledger: Ledger; statements: ReadonlyMap<string, Heard> } {
  const statements = new Map<string, Heard>();
  // A transaction is a Db as well, and stays a transaction with a plugin.
  const watch = <D extends Db | Tx>(db: D) => db.withPlugin(keeping(db, statements)) as D;
  return {
    statements,
    ledger: {
      ...ledger,
      read: (question) => ledger.read((db) => question(watch(db))),
      write: (change) => ledger.write((tx) => change(watch(tx))),
      writeSoon: (change) => ledger.writeSoon((tx) => change(watch(tx))),
      change: (change) => ledger.change((db) => change(watch(db))),
      changeSoon: (change) => ledger.changeSoon((db) => change(watch(db))),
    },
  };
}

function keeping(db: Db, statements: Map<string, Heard>): KyselyPlugin {
  const asked = new WeakMap<QueryId, { sql: string; atMs: number }>();
  return {
    transformQuery({ node, queryId }) {
      const { sql, parameters } = db.getExecutor().compileQuery(node, queryId);
      statements.set(sql, { sql, parameters, slowestMs: statements.get(sql)?.slowestMs ?? 0 });
      asked.set(queryId, { sql, atMs: performance.now() });
      return node;
    },
    transformResult({ result, queryId }) {
      const { sql, atMs } = asked.get(queryId) ?? { sql: "", atMs: 0 };
      const heard = statements.get(sql);
      if (heard !== undefined) heard.slowestMs = Math.max(heard.slowestMs, performance.now() - atMs);
      return Promise.resolve(result);
    },
  };
}

/** What of a statement reads all of a table; nothing where a limit ends it early. */
export async function scansOf(ledger: Ledger, statement: Statement): Promise<Scan[]> {
  const ask: Explain = (prefix, { sql, parameters }) => {
    const query = CompiledQuery.raw(`${prefix} ${sql}`, [...parameters]);
    return ledger.read(async (db) => (await db.executeQuery(query)).rows);
  };
  const accesses = await (ledger.kind === "sqlite" ? sqliteAccesses : postgresAccesses)(ask, statement);
  const ofFew = statement.parameters.some((value) => FEW.some((few) => few === value));
  return accesses
    .filter(({ table }) => GROWING.includes(table))
    .filter((access) => !narrows(access) && !endsSoon(access) && !(ofFew && isOfPart(access)))
    .map(({ table, step }) => ({ table, step, sql: statement.sql }));
}

/** Asks for the plan of a statement. */
export type Explain = (prefix: string, statement: Statement) => Promise<unknown[]>;

function narrows({ searchedBy }: Access): boolean {
  return searchedBy.some(({ column, to }) => to === "one" && !COARSE.has(column));
}

/** A limit is of use only where nearly every row that is read counts. */
function endsSoon({ searchedBy, filteredBy, endsEarly }: Access): boolean {
  return endsEarly && searchedBy.length > 0 && filteredBy.every((column) => SELDOM_OTHER.has(column));
}

function isOfPart({ searchedBy }: Access): boolean {
  return searchedBy.some(({ column }) => column === "phase" || column === "kind");
}

/** Those of several statements; changes of the schema are left out. */
export async function allScans(ledger: Ledger, statements: Iterable<Statement>): Promise<Scan[]> {
  const scans: Scan[] = [];
  for (const statement of statements)
    if (/^\s*(select|with|insert|update|delete)\b/i.test(statement.sql))
      scans.push(...(await scansOf(ledger, statement)));
  return scans;
}
