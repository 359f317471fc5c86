import type { MigrationRow } from "../ledger/runs.ts";

/** What the newest run was for: a report tells what it did, or what a run would do. */
export const REPORT_MODES = ["run", "plan"] as const;
export type ReportMode = (typeof REPORT_MODES)[number];

export function modeOf({ file }: Pick<MigrationRow, "file">): ReportMode {
  return file.dryRun ? "plan" : "run";
}
