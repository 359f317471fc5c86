import { createReadStream } from "node:fs";
import { csvRows } from "./csv.ts";

/** The id at the destination of the person with this `sub` in Cognito; null for someone who has not moved. */
export type IdMap = (sub: string) => Promise<string | null>;

/** Outcomes of people for whom an account stands, where a file names outcomes. */
const MOVED = ["imported", "merged"];

/**
 * Reads the report's id-map.csv once; its users.csv does as well. Everyone is kept in memory, some 200 bytes each: for
 * millions, ask a database of yours. Rejects when the file cannot be read, or has not the report's columns.
 */
export async function idMapFromCsv(path: string): Promise<IdMap> {
  const ids = new Map<string, string>();
  let columns: Columns | null = null;
  for await (const row of csvRows(createReadStream(path, "utf8"))) {
    if (columns === null) {
      columns = columnsOf(row, path);
      continue;
    }
    const [sub, id] = [row[columns.sub], row[columns.id]];
    const isMoved = columns.outcome === null || MOVED.includes(row[columns.outcome] ?? "");
    if (sub && id && isMoved) ids.set(sub, id);
  }
  if (columns === null) throw new Error(`${path} is empty. It should be the id-map.csv of a report.`);
  return async (sub) => ids.get(sub) ?? null;
}

interface Columns {
  sub: number;
  /** Null in a file of nobody but those who have moved. */
  outcome: number | null;
  id: number;
}

function columnsOf(header: readonly string[], path: string): Columns {
  const at = (name: string) => {
    const index = header.indexOf(name);
    if (index === -1)
      throw new Error(`${path} has no column ${name}. It should be the id-map.csv of a report.`);
    return index;
  };
  const outcome = header.indexOf("outcome");
  return { sub: at("cognito_sub"), outcome: outcome === -1 ? null : outcome, id: at("destination_id") };
}
