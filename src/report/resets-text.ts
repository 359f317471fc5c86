import type { FirstMail } from "../domain/contract.ts";
import type { Finding, FindingCode } from "../domain/findings.ts";
import { fateOf } from "../domain/outcomes.ts";
import { terminalText } from "../domain/terminal-text.ts";
import type { ResetCounts } from "./reset-tally.ts";

/**
 * How everybody with an account ended in the reset campaign, whichever run mailed them: a line an outcome, reasons below;
 * null where no campaign has to do with anybody.
 */
export function resetsText({ mailed, unsettled, failed, open, notMailed }: ResetCounts): string | null {
  const without = notMailed.reduce((sum, { people }) => sum + people, 0);
  const rows: [people: number, what: string][] = [
    [mailed, "mailed"],
    [unsettled, "unsettled: nobody can tell whether the mail went out"],
    [failed, "failed"],
    [open, "open"],
    [without, "not mailed"],
  ];
  const told = rows.filter(([people]) => people > 0);
  if (told.length === 0) return null;
  const width = Math.max(...told.map(([people]) => people.toLocaleString("en-US").length));
  const line = (people: number, what: string) =>
    `${people.toLocaleString("en-US").padStart(width + 2)}  ${what}`;
  return [
    "Reset mails of all runs, by everybody with an account (resets.csv tells each):",
    ...told.map(([people, what]) => line(people, what)),
    ...notMailed.map(({ people, reason }) => `  ${line(people, reason)}`),
  ].join("\n");
}

/** Before anybody has an account, as after a dry run: whom the plan would mail; null where nothing is planned of mails. */
export function plannedMailsText(findings: readonly Finding[]): string | null {
  return findings.find(({ code }) => code === PLANNED)?.sentence ?? null;
}

const PLANNED: FindingCode = "reset_mails";

/** Those who are mailed before an approval, a line each; null without any. */
export function firstMailsText(mails: readonly FirstMail[]): string | null {
  if (mails.length === 0) return null;
  const lines = mails.map((mail) => `  ${terminalText(`${mail.sub}  ${fateOf(mail)}`)}`);
  return ["The first ones, who are mailed before an approval:", ...lines].join("\n");
}
