import { shellLine } from "../domain/shell-line.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { type Answer, isUndecided } from "../plan/answers.ts";
import type { Decision } from "../plan/decide.ts";
import { explanationOf } from "../report/explain.ts";
import { wrapped } from "../wrap.ts";
import type { DecisionChanges } from "./edit-migration-file.ts";
import { counted, grouped } from "./format.ts";
import type { OpenCluster, OpenDecisions, Person } from "./open-decisions.ts";

/** How people are shown who are to be decided about. Nothing of it is an address, unless `showAddresses` is set. */

export interface Shown {
  columns: number;
  showAddresses: boolean;
}

/** More of a cluster are counted, not shown. */
const MAX_SHOWN = 20;
const INDENT = "   ";

export function clusterText({ reason, people, isPart }: OpenCluster, shown: Shown): string {
  const rows = people.slice(0, MAX_SHOWN).map((person, at) => personText(person, at + 1, shown));
  const more = people.length - rows.length;
  return [
    wrapped(explanationOf({ outcome: "skipped", reason }), shown.columns),
    ...rows,
    ...(more > 0 ? [`${INDENT}… and ${isPart ? "over " : ""}${counted(more, "other")}`] : []),
  ].join("\n");
}

export function otherAddressText(person: Person, shown: Shown): string {
  const what =
    "Has another e-mail address in Cognito than the account was made under; the account keeps the old one.";
  return [wrapped(what, shown.columns), personText(person, 1, shown)].join("\n");
}

function personText(person: Person, number: number, shown: Shown): string {
  const { user } = person;
  const parts = [
    user.status,
    user.enabled === 1 ? "enabled" : "disabled",
    `e-mail ${user.email_verified === 1 ? "verified" : "not verified"}`,
    `signs in by ${waysIn(person)}`,
    `created ${day(user.created_at_ms)}`,
    `last changed ${day(user.modified_at_ms)}`,
    ...standing(person),
  ];
  return [
    `${String(number).padStart(2)} ${terminalText(user.sub)}`,
    ...(shown.showAddresses && user.email !== null ? [`${INDENT}${terminalText(user.email)}`] : []),
    wrapped(`${parts.join(", ")}.`, shown.columns, INDENT),
  ].join("\n");
}

function standing({ standsSinceMs, inFile, decision }: Person): string[] {
  return [
    ...(standsSinceMs === null ? [] : [`has an account since ${day(standsSinceMs)}`]),
    ...(decision === null && standsSinceMs === null ? ["decided with another account of theirs"] : []),
    ...(inFile === null ? [] : [`the file says "${inFile}"`]),
  ];
}

/** Who has no password has come by a provider. */
function waysIn({ user, providers }: Person): string {
  const ways = [...(user.native === 1 ? ["password"] : []), ...providers];
  return ways.length === 0 ? "a provider that is not known" : ways.join(" and ");
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** What to choose, in a few words. */
export function answerName({ kind, subs }: Answer, people: readonly Person[]): string {
  switch (kind) {
    case "one_person":
      return `${numbers(subs, people)} are one person: one account for them`;
    case "only":
      return `Only ${numbers(subs, people)} comes along`;
    case "nobody":
      return people.some(({ standsSinceMs }) => standsSinceMs !== null)
        ? "Nobody else comes along"
        : "Nobody comes along";
  }
}

/** What an answer leads to, for each of them. */
export function outcomeText({ decisions }: Answer, people: readonly Person[]): string {
  const at = new Map(people.map(({ user }, index) => [user.sub, index]));
  const inOrder = decisions.toSorted((a, b) => (at.get(a.sub) ?? 0) - (at.get(b.sub) ?? 0));
  const byFate = Map.groupBy(inOrder, (one) => fateText(one, people));
  return [...byFate]
    .map(([fate, same]) => `${numbers(same.map(subOf), people)} ${same.length > 1 ? pluralOf(fate) : fate}`)
    .join("; ");
}

function fateText({ sub, action, reason, mergeInto }: Decision, people: readonly Person[]): string {
  const stands = people.some(({ user, standsSinceMs }) => user.sub === sub && standsSinceMs !== null);
  if (action === "create") return stands ? "keeps its account" : "gets an account";
  if (action === "merge") return `counts as ${numbers([mergeInto], people)}`;
  if (isUndecided({ reason })) return "waits on, and stays out";
  return reason === "decided_skip" ? "stays out" : `stays out (${reason})`;
}

/** "stays out" → "stay out". */
function pluralOf(fate: string): string {
  return fate
    .replace(/s(?= )/, "")
    .replace(/ its account$/, " their accounts")
    .replace(/ stays /, " stay ");
}

function subOf({ sub }: Decision): string {
  return sub;
}

/** As they are numbered on the screen; whoever is not there is counted. */
function numbers(subs: readonly string[], people: readonly Person[]): string {
  const at = new Map(people.slice(0, MAX_SHOWN).map(({ user }, index) => [user.sub, index + 1]));
  const shown = subs.flatMap((sub) => at.get(sub) ?? []).sort((a, b) => a - b);
  const more = subs.length - shown.length;
  const parts = [...runsOf(shown), ...(more > 0 ? [counted(more, "other")] : [])];
  const last = parts.pop() ?? "";
  return parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
}

/** 1, 2, 3, 5 → "1 to 3", "5". */
function runsOf(sorted: readonly number[]): string[] {
  const runs: number[][] = [];
  for (const one of sorted) {
    const run = runs.at(-1);
    if (run?.at(-1) === one - 1) run.push(one);
    else runs.push([one]);
  }
  return runs.flatMap((run) => (run.length > 2 ? [`${run[0]} to ${run.at(-1)}`] : run.map(String)));
}

/** The lines of the file, as they would be pasted there: those who come along first. */
export function fileLines(
  changes: DecisionChanges,
  indent: string,
  atMost = Number.POSITIVE_INFINITY,
): string {
  const taken = [...changes].flatMap(([sub, decision]) => (decision === null ? [sub] : []));
  const named = [...changes]
    .filter(([, decision]) => decision !== null)
    .sort(([, a], [, b]) => comesFirst(a, b));
  const more = named.length - atMost;
  const shown = named.slice(0, atMost).map(([sub, decision]) => `${JSON.stringify(sub)}: "${decision}"`);
  const lines = [
    ...shown.map((line, at) => (at + 1 < named.length ? `${line},` : line)),
    ...(more > 0 ? [`… and ${grouped(more)} more like the last one`] : []),
    ...(taken.length > 0 ? [`without ${taken.slice(0, MAX_SHOWN).join(", ")}`] : []),
  ];
  return lines.map((line) => `${indent}${terminalText(line)}`).join("\n");
}

function comesFirst(one: string | null, other: string | null): number {
  return Number(one === "skip") - Number(other === "skip");
}

export function planCommand(path: string): string {
  return `\`${shellLine(["./spillway", "plan", path])}\``;
}

/** A group with each answer, and the lines that give it. */
export function clusterLines(cluster: OpenCluster, shown: Shown): string {
  const { answers, people, isAnswered } = cluster;
  const answered = "The file answers this already.";
  return [
    clusterText(cluster, shown),
    ...(isAnswered ? [wrapped(answered, shown.columns)] : []),
    ...answers.map((answer) => answerLines(answer, people, shown)),
  ].join("\n");
}

function answerLines(answer: Answer, people: readonly Person[], { columns }: Shown): string {
  const outcome = wrapped(`${outcomeText(answer, people)}.`, columns, INDENT);
  return [`${ARROW}${answerName(answer, people)}`, outcome, fileLines(answer.changes, INDENT)].join("\n");
}

const ARROW = " → ";

export function otherAddressLines(person: Person, shown: Shown): string {
  const isAnswered = person.inFile === "readdress";
  return [
    otherAddressText(person, shown),
    isAnswered ? "The file answers this already." : `${ARROW}${READDRESS}`,
    ...(isAnswered ? [] : [fileLines(new Map([[person.user.sub, "readdress"]]), INDENT)]),
  ].join("\n");
}

export const READDRESS = "The account gets the address that they have now";

export function countText({ clusters, otherAddresses }: OpenDecisions): string {
  const groups = counted(clusters.length, "group of accounts", "groups of accounts");
  const parts = [
    ...(clusters.length === 0 ? [] : [`${groups} that share an address`]),
    ...(otherAddresses.length === 0
      ? []
      : [`${counted(otherAddresses.length, "person", "people")} with another address`]),
  ];
  return parts.length === 0
    ? "The newest plan leaves nothing to a person."
    : `The newest plan leaves to a person: ${parts.join(", and ")}.`;
}

/** What is so now, and what comes next. */
export function endText(path: string, answers: number, { columns }: Shown): string {
  const told =
    answers === 0
      ? "Nothing was changed."
      : `${counted(answers, "answer is", "answers are")} in ${path}. Next: ${planCommand(path)} shows what a run does by them.`;
  return wrapped(told, columns);
}
