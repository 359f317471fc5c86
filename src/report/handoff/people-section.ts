import type { ChangedSince } from "../../ledger/changed-since.ts";
import { OUTCOMES } from "../explain.ts";
import type { ResetCounts } from "../reset-tally.ts";
import type { HandOffInput } from "./input.ts";
import { table } from "./markdown.ts";

type Row = readonly [what: string, people: number];

/** How many people there are, by how they ended; of a plan, by how a run would end them. */
export function peopleSection({ summary, changedSince }: HandOffInput): string {
  const { mode, listed, byOutcome, resets } = summary;
  const rows: Row[] = [
    ["listed by Cognito", listed],
    ...OUTCOMES.map((outcome) => [outcome, byOutcome[outcome]] as const),
    ...changed(changedSince),
    ...mails(resets, mode === "plan"),
  ];
  const counts = table(
    ["People", "How many"],
    rows.map(([what, people]) => [what, people.toLocaleString("en-US")]),
  );
  if (mode === "run") return counts;
  return `**This is a plan.** Nothing was written: this is what a run would do.\n\n${counts}`;
}

/** They are among those who came along. */
function changed({ disabled, otherAddress }: ChangedSince): Row[] {
  const rows: Row[] = [
    ["of these disabled in Cognito since, and the account works", disabled],
    ["of these with another address in Cognito than the account has", otherAddress],
  ];
  return rows.filter(([, people]) => people > 0);
}

/** Nothing where no campaign has to do with anybody. */
function mails({ mailed, open, unsettled, failed, notMailed }: ResetCounts, isPlan: boolean): Row[] {
  if (mailed + open + unsettled + failed + notMailed.length === 0) return [];
  if (isPlan) return [["mailed a link to reset their password, by this run or an earlier one", mailed]];
  return [
    ["mailed a link to reset their password", mailed],
    ["still to be mailed one", open],
  ];
}
