import { verificationOf } from "../domain/verification.ts";
import { readCursor } from "../ledger/cursors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { RunOfMigration } from "../ledger/runs.ts";
import { hasVerified } from "../ledger/verification.ts";
import type { ReportMode } from "./mode.ts";

/** How the newest run ended, in a word. */
export const RESULTS = ["unfinished", "planned", "verified", "differs"] as const;
export type Result = (typeof RESULTS)[number];

/** The last walk of a dry run. */
const LAST_WALK = "report";

export async function resultOf(
  ledger: Ledger,
  run: RunOfMigration,
  mode: ReportMode,
  differences: number,
): Promise<Result> {
  if (mode === "plan") {
    const { done } = await readCursor(ledger, { ...run, name: LAST_WALK });
    return done ? "planned" : "unfinished";
  }
  if (!(await hasVerified(ledger, run))) return "unfinished";
  return verificationOf(differences);
}
