import { markdownCode as code, markdownProse as prose } from "../../domain/markdown.ts";
import { NO_CLEAR_ANSWER } from "../../domain/outcomes.ts";
import { noMailHelp } from "../../plan/no-mail-help.ts";
import { NO_RESET_REASONS } from "../../plan/reset-policy.ts";
import type { ResetCounts } from "../reset-tally.ts";
import type { HandOffInput } from "./input.ts";
import { table } from "./markdown.ts";

const REASONS: Readonly<Record<string, string>> = NO_RESET_REASONS;
/** How many people got a reset mail, and why the others did not. */
export function resetsSection({ summary }: HandOffInput): string | null {
  const { resets, mode } = summary;
  const isPlan = mode === "plan";
  const rows = [
    ...ended(
      "mailed",
      resets.mailed,
      isPlan ? "A run would send the mail, or an earlier one has." : "The mail is out.",
    ),
    ...ended("unsettled", resets.unsettled, NO_RESET_REASONS.unsettled),
    ...ended("failed", resets.failed, `It failed; the reason that ${code("resets.csv")} gives says why.`),
    ...ended("open", resets.open, "Their turn has not come yet."),
    ...resets.notMailed.map(({ reason, people }) => [
      `not mailed: ${code(reason)}`,
      people.toLocaleString("en-US"),
      prose(meaningOf(reason)),
    ]),
  ];
  if (rows.length === 0) return null;
  return [
    "## Password resets",
    `${code("resets.csv")} says it of each person.`,
    table(["How it ended", "People", "What that means"], rows),
  ].join("\n\n");
}

function ended(outcome: string, people: number, meaning: string): string[][] {
  return people === 0 ? [] : [[outcome, people.toLocaleString("en-US"), meaning]];
}

/** Why there is no mail, and what helps. */
function meaningOf(reason: string): string {
  return [REASONS[reason], noMailHelp(reason)?.helps].filter((text) => text !== undefined).join(" ");
}

/** What is left to do for people whom no mail reached. */
export function resetItems({ unsettled, failed, notMailed }: ResetCounts): string[] {
  const left = notMailed.filter(({ reason }) => noMailHelp(reason)?.isToDo !== false);
  return [
    ...(unsettled === 0
      ? []
      : [
          `Ask ${whom("unsettled", unsettled)} whether the reset mail came: nobody can tell whether it went out, and no run sends it again. Whoever got none uses "forgot password", which mails them another one.`,
        ]),
    ...(failed === 0
      ? []
      : [
          `Look at ${whom("failed", failed)}, where the reason stands beside each: the next run tries them once more, so mail somebody by hand only if none will follow. With ${code(NO_CLEAR_ANSWER)} the mail may be out: ask first.`,
        ]),
    ...left.map(({ reason, people }) => `For ${whom(reason, people)}: ${prose(meaningOf(reason))}`),
  ];
}

function whom(word: string, people: number): string {
  const whose = people === 1 ? "the person" : `the ${people.toLocaleString("en-US")} people`;
  return `${whose} whom ${code("resets.csv")} lists as ${code(word)}`;
}
