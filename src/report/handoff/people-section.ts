import { OUTCOMES } from "../explain.ts";
import type { ResetCounts } from "../reset-tally.ts";
import type { HandOffInput } from "./input.ts";
import { table } from "./markdown.ts";

type Row = readonly [what: string, people: number];

/** How many people there are, by how they ended; of a plan, by how a run would end them. */
export function peopleSection({ summary }: HandOffInput): string {
  const { mode, listed, byOutcome, resets } = summary;
  const rows: Row[] = [
    ["listed by Cognito", listed],
    ...OUTCOMES.map((outcome) => [outcome, byOutcome[outcome]] as const),
    ...mails(resets),
  ];
  const counts = table(
    ["People", "How many"],
    rows.map(([what, people]) => [what, people.toLocaleString("en-US")]),
  );
  if (mode === "run") return counts;
  return [
    "**This is a plan.** Nothing was written: this is what a run would do.",
    counts,
    "Of the mails, those to people who have an account already; the findings of `summary.json` tell of all.",
  ].join("\n\n");
}

/** Nothing where no campaign has to do with anybody. */
function mails({ mailed, open, unsettled, failed, notMailed }: ResetCounts): Row[] {
  if (mailed + open + unsettled + failed + notMailed.length === 0) return [];
  return [
    ["mailed a link to reset their password", mailed],
    ["still to be mailed one", open],
  ];
}
