import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { MigrationRow } from "../ledger/runs.ts";
import { REPORT_FILES, UNDO_FILES } from "./file-names.ts";
import { modeOf } from "./mode.ts";

/** What two summaries of the same have in common. */
const sameSummary = z.looseObject({
  ...{ pool: z.string(), environment: z.string(), mode: z.string() },
  writtenAt: z.iso.datetime(),
});

const OURS: readonly string[] = [...REPORT_FILES, ...UNDO_FILES];

/**
 * Whether a folder with these entries holds an earlier report of the same and nothing else, so that it may be written
 * anew. Not one that tells what no other report can: what a run did before an undo, or who people were before a purge.
 */
export async function isSameReport(
  folder: string,
  entries: readonly string[],
  migration: MigrationRow,
): Promise<boolean> {
  if (!entries.every((entry) => OURS.includes(entry))) return false;
  const text = await readFile(join(folder, "summary.json"), "utf8").catch(() => "");
  const earlier = summaryIn(text);
  if (earlier === null) return false;
  const { environment, file, undo, purge } = migration;
  const purgedAtMs = purge === null ? 0 : (purge.purgedAtMs ?? Number.POSITIVE_INFINITY);
  return (
    Date.parse(earlier.writtenAt) > purgedAtMs &&
    earlier.pool === file.source.userPoolId &&
    earlier.environment === environment &&
    earlier.mode === (undo === null ? modeOf(migration) : "undo")
  );
}

function summaryIn(text: string): z.output<typeof sameSummary> | null {
  try {
    return sameSummary.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
