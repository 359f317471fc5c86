import type { Access, Explain, Search, Statement } from "./query-plans.ts";

interface PlanNode {
  "Node Type": string;
  "Parent Relationship"?: string;
  Strategy?: string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  Filter?: string;
  Plans?: PlanNode[];
}

type Indexes = ReadonlyMap<string, readonly string[]>;

export async function postgresAccesses(explain: Explain, statement: Statement): Promise<Access[]> {
  // As `explain (format json)` answers.
  const plans = (await explain("explain (format json)", statement)) as {
    "QUERY PLAN": { Plan: PlanNode }[];
  }[];
  const indexes = await indexesOf(explain);
  return plans.flatMap((row) => row["QUERY PLAN"].flatMap(({ Plan }) => accessesIn(Plan, false, indexes)));
}

/** The columns of each index, in its order. */
async function indexesOf(explain: Explain): Promise<Indexes> {
  const sql = `select index.indexrelid::regclass::text as name,
      array(select pg_get_indexdef(index.indexrelid, place, true) from generate_series(1, index.indnkeyatts) place)
        as columns
    from pg_index index join pg_class on pg_class.oid = index.indrelid
    where pg_class.relnamespace = 'public'::regnamespace`;
  // As the statement says.
  const rows = (await explain("", { sql, parameters: [] })) as { name: string; columns: string[] }[];
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}

/** `endsEarly`: who asks for this node's rows may stop in the middle. */
function accessesIn(node: PlanNode, endsEarly: boolean, indexes: Indexes): Access[] {
  const isAccess = node["Relation Name"] !== undefined && node["Node Type"].endsWith("Scan");
  const own = isAccess ? [{ ...accessOf(node, indexes), endsEarly }] : [];
  const within = (node.Plans ?? []).flatMap((child, place) =>
    accessesIn(child, stopsEarly(node, child, place, endsEarly), indexes),
  );
  return [...own, ...within];
}

/** Nodes that hand on each row as they get it. The second table of a join is read again and again, or from end to end. */
const PASSING = [
  "LockRows",
  "Result",
  "Subquery Scan",
  "Nested Loop",
  "Append",
  "Unique",
  "Group",
  "ProjectSet",
];

function stopsEarly(node: PlanNode, child: PlanNode, place: number, endsEarly: boolean): boolean {
  if (!["Outer", "Member", "Subquery"].includes(child["Parent Relationship"] ?? "")) return false;
  if (node["Node Type"] === "Limit") return true;
  const passes = PASSING.includes(node["Node Type"]) || node.Strategy === "Sorted";
  return endsEarly && passes && (place === 0 || node["Node Type"] === "Append");
}

/** A bitmap has the conditions of several indexes: the one that narrows least counts. */
function accessOf(node: PlanNode, indexes: Indexes): Omit<Access, "endsEarly"> {
  const used = [node, ...(node.Plans ?? []).flatMap(withAll)].flatMap((one) =>
    one["Index Name"] === undefined ? [] : { name: one["Index Name"], condition: one["Index Cond"] ?? "" },
  );
  const searches = used.map(({ name, condition }) => searchesIn(condition, indexes.get(name) ?? []));
  const [searchedBy = []] = searches.toSorted((one, other) => one.length - other.length);
  const step = [node["Node Type"], ...used.map(({ name, condition }) => `${name} ${condition}`)].join(" ");
  return {
    table: node["Relation Name"] ?? "",
    searchedBy,
    filteredBy: columnsIn(node.Filter ?? ""),
    // Lists of keys are long.
    step: step.slice(0, MAX_STEP),
  };
}

const MAX_STEP = 200;

function withAll(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(withAll)];
}

/** Only the first columns of an index narrow a search; a condition on a later one is tried on every entry. */
function searchesIn(condition: string, columns: readonly string[]): Search[] {
  const text = withoutTexts(condition);
  const ways = columns.map((column) => {
    const operators = [...text.matchAll(new RegExp(`\\(${column}\\)?(?:::\\w+)* ([=<>])`, "g"))].map(
      ([, one]) => one,
    );
    // `ROW(a, b) > ROW(…)`
    const isOfRow = new RegExp(`ROW\\([^)]*\\b${column}\\b[^)]*\\) [<>]`).test(text);
    if (operators.includes("=") || new Set(operators).size > 1) return "one";
    return operators.length > 0 || isOfRow ? "end" : null;
  });
  const end = ways.indexOf(null);
  return columns
    .slice(0, end === -1 ? columns.length : end)
    .map((column, place) => ({ column, to: ways[place] ?? "end" }));
}

function columnsIn(filter: string): string[] {
  return [
    ...new Set(
      [...withoutTexts(filter).matchAll(/\(([a-z_]+)\)?(?:::\w+)* (?:[=<>]|IS|~)/g)].map(
        ([, name = ""]) => name,
      ),
    ),
  ];
}

function withoutTexts(condition: string): string {
  return condition.replaceAll(/'[^']*'/g, "''");
}
