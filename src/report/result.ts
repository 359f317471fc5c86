import { readCursor } from "../ledger/cursors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { RunOfMigration } from "../ledger/runs.ts";
import type { ReportMode } from "./mode.ts";

/** How the newest run ended, in a word. */
export const RESULTS = ["unfinished", "planned", "verified", "differs"] as const;
export type Result = (typeof RESULTS)[number];

/** The last walk of every run. */
const LAST_WALK = "report";

export async function resultOf(
  ledger: Ledger,
  run: RunOfMigration,
  mode: ReportMode,
  differences: number,
): Promise<Result> {
  const { done } = await readCursor(ledger, { ...run, name: LAST_WALK });
  if (!done) return "unfinished";
  if (mode === "plan") return "planned";
  return differences === 0 ? "verified" : "differs";
}
