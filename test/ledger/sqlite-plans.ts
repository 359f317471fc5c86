import type { Access, Explain, Search, Statement } from "./query-plans.ts";

/** A line of SQLite's plan. Lines of one select have the same parent, its outermost loop first. */
interface Line {
  id: number;
  parent: number;
  detail: string;
}

export async function sqliteAccesses(explain: Explain, statement: Statement): Promise<Access[]> {
  // The columns of `explain query plan`.
  const lines = (await explain("explain query plan", statement)) as Line[];
  const aliases = aliasesOf(statement.sql);
  return [...Map.groupBy(lines, ({ parent }) => parent)].flatMap(([parent, block]) => {
    const sorts = block.some(({ detail }) => /USE TEMP B-TREE FOR (ORDER|GROUP|DISTINCT)/.test(detail));
    const isLimited = /\blimit\b/i.test(parent === 0 ? outermost(statement.sql) : statement.sql);
    return block
      .flatMap(({ detail }) => accessOf(detail, aliases) ?? [])
      .map((access, loop) => ({ ...access, endsEarly: isLimited && !sorts && loop === 0 }));
  });
}

/** A statement without what stands in brackets. */
function outermost(sql: string): string {
  const shorter = sql.replaceAll(/\([^()]*\)/g, "");
  return shorter === sql ? sql : outermost(shorter);
}

function accessOf(
  detail: string,
  aliases: ReadonlyMap<string, string>,
): Omit<Access, "endsEarly"> | undefined {
  const [, way, name = "", rest = ""] = /^(SCAN|SEARCH) (\w+)(.*)$/.exec(detail) ?? [];
  if (way === undefined) return undefined;
  // An automatic index is made of all rows, for this one statement.
  const searches = way === "SEARCH" && !rest.includes("AUTOMATIC");
  const [conditions = ""] = /\(.*\)/.exec(rest) ?? [];
  return {
    ...{ table: aliases.get(name) ?? name, step: detail, filteredBy: [] },
    searchedBy: searches ? searchesIn(conditions.slice(1, -1)) : [],
  };
}

/** `a=? AND b>? AND b<?`, or `a=? AND (b,c)>(?,?)`. */
function searchesIn(conditions: string): Search[] {
  const named = [...conditions.matchAll(/\b([a-z_]\w*)\)?([=<>])/gi)];
  const byColumn = Map.groupBy(named, ([, column = ""]) => column);
  return [...byColumn].map(([column, own]) => {
    const isOne = own.some(([, , operator]) => operator === "=") || own.length > 1;
    return { column, to: isOne ? "one" : "end" };
  });
}

/** SQLite's plan names a table as the statement does. */
function aliasesOf(sql: string): Map<string, string> {
  const named = sql.matchAll(/\b(?:from|join|update|into)\s+"?(\w+)"?\s+(?:as\s+)?"?(\w+)"?/gi);
  return new Map([...named].map(([, table = "", alias = ""]) => [alias, table]));
}
