import type {
  Changes,
  EndOfRun,
  MailsOfRun,
  ReasonCount,
  RedriveSummary,
  RunSummary,
  VerifySummary,
} from "../domain/contract.ts";
import { duration } from "../domain/duration.ts";
import { counted, grouped } from "./format.ts";
import { undoneText } from "./undo-text.ts";

/** How everyone ended, and every reset mail; of a dry run, how they would. */
export function doneText(summary: EndOfRun): string {
  if (summary.mode === "undo") return undoneText(summary);
  if (summary.mode === "verify") return lookedText(summary);
  if (summary.mode === "redrive") return redrivenText(summary);
  return summary.dryRun
    ? [
        dryRunText(summary),
        ...changesText(summary, "A run would write"),
        ...timeText(summary),
        ...mailsText(summary, wouldBeMailed),
        ...openText(summary),
        ...blockersText(summary),
      ].join("\n")
    : [
        peopleText(summary),
        ...changesText(summary, "Written by this run"),
        ...verifiedText(summary),
        ...mailsText(summary, (ended) => wereMailed(ended, "of this run")),
        ...openText(summary),
      ].join("\n");
}

/** Of a verification by itself. */
function lookedText({ people, differences }: VerifySummary): string {
  if (people === 0 && differences === 0)
    return "Nothing of this migration stands by the ledger: there was nothing to verify.";
  const [result = ""] = verifiedText({ differences });
  return `Looked at everything that stands, accounts of ${counted(people, "person", "people")} among it.\n${result}`;
}

function redrivenText({ tried, changed, failed, people, mails, differences }: RedriveSummary): string {
  const left = failed - changed;
  return [
    tried === 0 ? "Nothing had failed that can be tried again." : `Tried again: ${counted(tried, "item")}.`,
    ...(left > 0
      ? [`Failed still: ${grouped(left)}. What the destination says: \`./spillway lookup --failures\`.`]
      : []),
    ...(changed > 0
      ? [
          `Left alone: ${counted(changed, "item")} of people who have changed in Cognito since the run. Start the migration again: it takes them as they are now.`,
        ]
      : []),
    peopleText(people),
    ...verifiedText({ differences }),
    ...mailsText({ mails }, (ended) => wereMailed(ended, "of the run and of this redrive")),
  ].join("\n");
}

/** Of organizations, roles and the like there are few, and the report has them. */
function changesText({ changes }: RunSummary, what: string): string[] {
  if (changes === undefined) return [];
  const { users, memberships } = changes;
  const isAny = Object.values(memberships).some((count) => count > 0);
  return [`${what}: people ${countsOf(users)}${isAny ? `; memberships ${countsOf(memberships)}` : ""}.`];
}

function verifiedText({ differences }: Pick<RunSummary, "differences">): string[] {
  if (differences == null) return [];
  if (differences === 0) return ["Verified: the destination holds what was written."];
  return [
    `Differs: ${counted(differences, "difference")} at the destination. differences.csv of the report names each.`,
  ];
}

function countsOf({ made, changed, removed }: Changes): string {
  return `${grouped(made)} new, ${grouped(changed)} changed, ${grouped(removed)} removed`;
}

function peopleText({ listed, imported, merged, skipped, failed, open }: RedriveSummary["people"]): string {
  const parts = [`${grouped(imported)} imported`, `${grouped(merged)} merged`, `${grouped(skipped)} skipped`];
  if (open > 0) parts.push(`${grouped(open)} open`);
  return `Done: of ${counted(listed, "user")}, ${parts.join(", ")}, ${grouped(failed)} failed.`;
}

function timeText({ seconds }: RunSummary): string[] {
  const taking = Object.entries(seconds ?? {}).filter(([, one]) => one > 0);
  if (taking.length === 0) return [];
  const phases = taking.map(([phase, one]) => `${phase} ${duration(one)}`).join(", ");
  return [`At the file's pace that takes about: ${phases}.`];
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

/** What is left to a person. */
function openText({ undecided = 0, otherAddresses = 0, disabledSince = 0 }: RunSummary): string[] {
  const lines: [count: number, line: string][] = [
    [
      undecided,
      `A person has to decide about ${counted(undecided, "account")}, which stay out until then: \`./spillway decide FILE\` shows them and asks.`,
    ],
    [
      otherAddresses,
      `A person has to decide about ${counted(otherAddresses, "account")} with another address in Cognito by now: \`./spillway decide FILE\` asks.`,
    ],
    [
      disabledSince,
      `Disabled in Cognito since the import: ${counted(disabledSince, "person", "people")}, whose accounts still work. Remove them at the destination, or set \`users.disabledLater\`.`,
    ],
  ];
  return lines.filter(([count]) => count > 0).map(([, line]) => line);
}

function blockersText({ blockers = 0 }: RunSummary): string[] {
  if (blockers === 0) return [];
  const findings = counted(blockers, "finding");
  return [
    `A run would stop at ${findings} before that: see "blocker" under "findings" in the report's summary.json.`,
  ];
}

function mailsText({ mails }: Pick<RunSummary, "mails">, ended: (mails: MailsOfRun) => string): string[] {
  if (mails == null) return [];
  const { before, notDue, approvedEarlier } = mails;
  return [
    ended(mails),
    ...(approvedEarlier ? ["They went by the approval of an earlier run, which covered them."] : []),
    ...(before === 0 ? [] : [`Mailed by earlier runs, and not again: ${grouped(before)}.`]),
    ...(notDue.length === 0 ? [] : [`By the rules no mail for ${total(notDue)}: ${byReason(notDue)}.`]),
    "`./spillway explain WORD` tells what a word means and what these people do.",
  ];
}

/** An unsettled mail may be out, and somebody held back was not mailed: no one number stands for both. */
function wereMailed({ mailed, unsettled, failed, heldBack }: MailsOfRun, whose: string): string {
  const parts = [
    `${grouped(mailed)} sent`,
    ...(unsettled === 0 ? [] : [`${grouped(unsettled)} unsettled (may be out, never sent again)`]),
    ...(failed.length === 0 ? [] : [`${total(failed)} failed (${byReason(failed)})`]),
    ...(heldBack.length === 0 ? [] : [`${total(heldBack)} held back (${byReason(heldBack)})`]),
  ];
  return `Reset mails ${whose}: ${parts.join(", ")}.`;
}

function wouldBeMailed({ mailed }: MailsOfRun): string {
  return `Reset mails: ${grouped(mailed)} would be sent.`;
}

function total(counts: readonly ReasonCount[]): string {
  return grouped(counts.reduce((sum, { people }) => sum + people, 0));
}

function byReason(counts: readonly ReasonCount[]): string {
  return counts.map(({ reason, people }) => `${grouped(people)} ${reason}`).join(", ");
}
