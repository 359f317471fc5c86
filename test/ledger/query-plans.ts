import { CompiledQuery, type KyselyPlugin } from "kysely";
import type { Db, Ledger, Tx } from "../../src/ledger/ledger.ts";

/** Finds statements that read a table that grows with the pool from end to end, by what the database plans to do. */

/** Tables with a row or more for each person. */
const GROWING = [
  "source_users",
  "identities",
  "group_members",
  "plan",
  "planned_objects",
  "placed",
  "work_items",
  "memberships",
  "mails",
  "bridge_moves",
  "completed_resets",
];
/** Columns that split no table: a search by these alone reads about all of it. */
const COARSE = new Set(["migration_id", "generation", "phase", "kind", "state"]);

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
interface Access {
  table: string;
  /** Columns that narrow the search in an index; none for a scan. */
  searchedBy: readonly string[];
  step: string;
}

interface Plan {
  accesses: readonly Access[];
  /** Rows are sorted before the first one comes out, so that a limit saves nothing. */
  sorts: boolean;
}

/**
 * The same ledger, which keeps the text of whatever is asked of it, each once. Statements that `insertPacked` makes are
 * not among them: they read no table.
 */
export function watched(ledger: Ledger): { ledger: Ledger; statements: ReadonlyMap<string, Statement> } {
  const statements = new Map<string, Statement>();
  // A transaction is a Db as well, and stays a transaction with a plugin.
  const watch = <D extends Db | Tx>(db: D) => db.withPlugin(keeping(db, statements)) as D;
  return {
    statements,
    ledger: {
      ...ledger,
      read: (question) => ledger.read((db) => question(watch(db))),
      write: (change) => ledger.write((tx) => change(watch(tx))),
      writeSoon: (change) => ledger.writeSoon((tx) => change(watch(tx))),
      changeSoon: (change) => ledger.changeSoon((db) => change(watch(db))),
    },
  };
}

function keeping(db: Db, statements: Map<string, Statement>): KyselyPlugin {
  return {
    transformQuery({ node, queryId }) {
      const { sql, parameters } = db.getExecutor().compileQuery(node, queryId);
      statements.set(sql, { sql, parameters });
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
}

/** What of a statement reads all of a table; nothing where a limit ends it early. */
export async function scansOf(ledger: Ledger, statement: Statement): Promise<Scan[]> {
  const plan =
    ledger.kind === "sqlite" ? await sqlitePlan(ledger, statement) : await postgresPlan(ledger, statement);
  const endsEarly = /\blimit\b/i.test(statement.sql) && !plan.sorts;
  return plan.accesses
    .filter(({ table }) => GROWING.includes(table))
    .filter(({ searchedBy }) => !searchedBy.some((column) => !COARSE.has(column)))
    .filter(({ searchedBy }) => !(endsEarly && searchedBy.length > 0))
    .map(({ table, step }) => ({ table, step, sql: statement.sql }));
}

/** Those of several statements; changes of the schema are left out. */
export async function allScans(ledger: Ledger, statements: Iterable<Statement>): Promise<Scan[]> {
  const scans: Scan[] = [];
  for (const statement of statements)
    if (/^\s*(select|with|insert|update|delete)\b/i.test(statement.sql))
      scans.push(...(await scansOf(ledger, statement)));
  return scans;
}

function explain<Row>(ledger: Ledger, prefix: string, { sql, parameters }: Statement): Promise<Row[]> {
  const query = CompiledQuery.raw(`${prefix} ${sql}`, [...parameters]);
  // The statement tells the shape of its rows.
  return ledger.read(async (db) => (await db.executeQuery<Row>(query)).rows);
}

async function sqlitePlan(ledger: Ledger, statement: Statement): Promise<Plan> {
  const rows = await explain<{ detail: string }>(ledger, "explain query plan", statement);
  const aliases = aliasesOf(statement.sql);
  const accesses = rows.flatMap(({ detail }) => {
    const [, way, name = "", rest = ""] = /^(SCAN|SEARCH) (\w+)(.*)$/.exec(detail) ?? [];
    if (way === undefined) return [];
    // An automatic index is made of all rows, for this one statement.
    const searches = way === "SEARCH" && !rest.includes("AUTOMATIC");
    const [conditions = ""] = /\(.*\)/.exec(rest) ?? [];
    const searchedBy = searches ? (conditions.match(/\b(?!AND\b)[a-z_]\w*/gi) ?? []) : [];
    return [{ table: aliases.get(name) ?? name, searchedBy, step: detail }];
  });
  return {
    accesses,
    sorts: rows.some(({ detail }) => /USE TEMP B-TREE FOR (ORDER|GROUP|DISTINCT)/.test(detail)),
  };
}

/** SQLite's plan names a table as the statement does. */
function aliasesOf(sql: string): Map<string, string> {
  const named = sql.matchAll(/\b(?:from|join|update|into)\s+"?(\w+)"?\s+(?:as\s+)?"?(\w+)"?/gi);
  return new Map([...named].map(([, table = "", alias = ""]) => [alias, table]));
}

interface PostgresNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  Plans?: PostgresNode[];
}

async function postgresPlan(ledger: Ledger, statement: Statement): Promise<Plan> {
  type Explained = { "QUERY PLAN": { Plan: PostgresNode }[] };
  const [row] = await explain<Explained>(ledger, "explain (format json)", statement);
  const nodes = row?.["QUERY PLAN"].flatMap(({ Plan }) => nodesOf(Plan)) ?? [];
  const indexes = await postgresIndexes(ledger);
  const accesses = nodes
    .filter((node) => node["Relation Name"] !== undefined && node["Node Type"].endsWith("Scan"))
    .map((node) => accessOf(node, indexes));
  return { accesses, sorts: nodes.some((node) => /Sort|Hash/.test(node["Node Type"])) };
}

function nodesOf(node: PostgresNode): PostgresNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** The columns of each index, in its order. */
async function postgresIndexes(ledger: Ledger): Promise<Map<string, string[]>> {
  const rows = await explain<{ name: string; columns: string[] }>(ledger, "", {
    sql: `select index.indexrelid::regclass::text as name,
        array(select pg_get_indexdef(index.indexrelid, place, true) from generate_series(1, index.indnkeyatts) place)
          as columns
      from pg_index index join pg_class on pg_class.oid = index.indrelid
      where pg_class.relnamespace = 'public'::regnamespace`,
    parameters: [],
  });
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}

/** A bitmap has the conditions of several indexes: the one that narrows least counts. */
function accessOf(node: PostgresNode, indexes: ReadonlyMap<string, readonly string[]>): Access {
  const searches = nodesOf(node)
    .filter((one) => one["Index Name"] !== undefined)
    .map((one) => searchedColumns(one["Index Cond"] ?? "", indexes.get(one["Index Name"] ?? "") ?? []));
  const [searchedBy = []] = searches.toSorted((one, other) => one.length - other.length);
  const conditions = nodesOf(node).flatMap((one) => one["Index Cond"] ?? []);
  return {
    table: node["Relation Name"] ?? "",
    searchedBy,
    step: [node["Node Type"], ...conditions].join(" "),
  };
}

/** Only the first columns of an index narrow a search; a condition on a later one is tried on every entry. */
function searchedColumns(condition: string, columns: readonly string[]): string[] {
  const named = new Set(condition.replaceAll(/'[^']*'/g, "").match(/\b[a-z_]\w*/g) ?? []);
  const end = columns.findIndex((column) => !named.has(column));
  return columns.slice(0, end === -1 ? columns.length : end);
}
