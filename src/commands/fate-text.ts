import { fateOf } from "../domain/outcomes.ts";
import { terminalText } from "../domain/terminal-text.ts";
import type { FoundDifference } from "../ledger/differences.ts";
import type { Fate } from "../ledger/lookups.ts";
import { membershipOf } from "../plan/keys.ts";
import { adviceOn } from "../report/difference-advice.ts";
import { explanationOfPerson } from "../report/explain.ts";
import { grouped } from "./format.ts";
import { mailText, type PersonMail } from "./mail-text.ts";
import { wrapped } from "./wrap.ts";

/** Everything that lookup tells of one person. */
export interface PersonFate extends Fate {
  /** The sign-in bridge brought their password along. */
  movedByBridge: boolean;
  /** What the destination did not hold of them as it was written, when it was looked at last. */
  differences: readonly FoundDifference[];
  /** Null where no campaign has to do with them. */
  resetMail: (PersonMail & { settledAtMs: number | null; message: string | null }) | null;
}

const NAME_WIDTH = 15;
const BESIDE_NAME = " ".repeat(NAME_WIDTH + 1);

export function fateText(fate: PersonFate, columns: number): string {
  const { item, placed, resetMail } = fate;
  const rows: [string, string | null | undefined][] = [
    ["sub", fate.sub],
    ["username", fate.username],
    ["outcome", fate.outcome],
    ["reason", fate.reason],
    ["", explanationOfPerson(fate)],
    ["destination id", fate.destinationId],
    ["merged into", fate.mergedInto],
    ["how", placed?.how],
    ["bridge", fate.movedByBridge ? "brought the password along at a sign-in" : null],
    ["reset mail", resetMail === null ? null : fateOf(resetMail)],
    ["", resetMail === null ? null : mailText(resetMail)],
    [
      settledName(resetMail),
      resetMail?.settledAtMs == null ? null : new Date(resetMail.settledAtMs).toISOString(),
    ],
    ["mail message", resetMail?.message],
    ["attempts", item === null || item.attempts === 0 ? null : grouped(item.attempts)],
    ["written at", placed?.writtenAtMs == null ? null : new Date(placed.writtenAtMs).toISOString()],
    ["code", item?.code === fate.reason ? null : item?.code],
    ["message", item?.message],
    ["in Cognito", cognitoText(fate)],
    ...fate.differences.flatMap((found): [string, string][] => [
      ["at destination", differenceText(found)],
      ["", adviceOn(found)],
    ]),
  ];
  return rows
    .filter(([, value]) => value != null && value !== "")
    .map(([name, value]) =>
      name === "" ? wrapped(value ?? "", columns, BESIDE_NAME) : row(name, value ?? ""),
    )
    .join("\n");
}

function differenceText({ kind, key, difference, field }: FoundDifference): string {
  const what = kind === "user" ? "the account" : `the membership of ${membershipOf(key).organization}`;
  return difference === "differs"
    ? `${what} holds another ${field} than was written`
    : `${what} is ${difference}`;
}

/** As it is: a name may have spaces in a row. */
function row(name: string, value: string): string {
  return `${name.padEnd(NAME_WIDTH)} ${terminalText(value)}`;
}

/** Of the time: only a mail that is or may be out has one of its own. */
function settledName(mail: PersonFate["resetMail"]): string {
  if (mail?.outcome === "not_mailed") return "held back at";
  return mail?.outcome === "failed" ? "tried at" : "mail at";
}

function cognitoText({ status, enabled, emailVerified }: Fate): string {
  return `${status}, ${enabled ? "enabled" : "disabled"}, e-mail ${emailVerified ? "verified" : "not verified"}`;
}
