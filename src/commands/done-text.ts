import type { RunSummary } from "../domain/contract.ts";
import { counted, grouped } from "./format.ts";

/** How everyone ended, in a line; of a dry run, how they would. */
export function doneText(summary: RunSummary): string {
  return summary.dryRun
    ? [dryRunText(summary), ...blockersText(summary)].join("\n")
    : [peopleText(summary), ...mailsText(summary)].join("\n");
}

function peopleText({ listed, imported, merged, skipped, failed, open }: RunSummary): string {
  const parts = [`${grouped(imported)} imported`, `${grouped(merged)} merged`, `${grouped(skipped)} skipped`];
  if (open > 0) parts.push(`${grouped(open)} open`);
  return `Done: of ${counted(listed, "user")}, ${parts.join(", ")}, ${grouped(failed)} failed.`;
}

/** Who stands there already came with an earlier run. */
function dryRunText({ listed, imported, merged, skipped, failed, open }: RunSummary): string {
  const there = imported + merged;
  const parts = [
    `${grouped(open)} would be imported or merged`,
    `${grouped(skipped)} would be skipped`,
    ...(failed > 0 ? [`${grouped(failed)} would fail`] : []),
    ...(there > 0 ? [`${grouped(there)} came with earlier runs`] : []),
  ];
  return `The dry run is done, and nothing was written: of ${counted(listed, "user")}, ${parts.join(", ")}.`;
}

function blockersText({ blockers = 0 }: RunSummary): string[] {
  if (blockers === 0) return [];
  const findings = counted(blockers, "finding");
  return [
    `A run would stop at ${findings} before that: see "blocker" under "findings" in the report's summary.json.`,
  ];
}

function mailsText({ resets }: RunSummary): string[] {
  if (resets == null || resets.of === 0) return [];
  const { done, skipped, failed } = resets;
  // An unsettled mail may be out: "skipped" would deny it. Whoever is not mailed at all has no part in these numbers.
  return [
    `Reset mails of this run: ${grouped(done)} sent, ${grouped(skipped)} unsettled or not due, ${grouped(failed)} failed. Who gets none, and why, the report counts.`,
  ];
}
