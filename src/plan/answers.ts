import { sub as anySub, MAX_NAMED_SUBS } from "../domain/migration/words.ts";
import type { Migration } from "../domain/migration.ts";
import { FOR_A_PERSON_TO_DECIDE, type Reason } from "../domain/outcomes.ts";
import { ownValue } from "../domain/own-value.ts";
import type { Account, Decision, Policy } from "./decide.ts";
import { decidePeople, type PeopleAround } from "./signed-up-again.ts";

/** What an operator can say in the file where the plan leaves people who share an address to them. Pure. */

type Decisions = Migration["users"]["decisions"];

/** Those who are decided together, and what the rules know around them. */
export interface DecidedPeople {
  accounts: readonly Account[];
  around: PeopleAround;
}

export interface Answer {
  /** `one_person`: several come along, as one account. `only`: this one comes along. `nobody`: they stay out. */
  kind: "one_person" | "only" | "nobody";
  /** Who is named with "import". */
  subs: readonly string[];
  /** What it changes in the file's decisions; null takes one out. */
  changes: ReadonlyMap<string, "import" | "skip" | null>;
  /** What the plan then decides about each of them. */
  decisions: readonly Decision[];
}

/** Beside those whose reason says so, some are left out as long as nobody names them. */
const UNTIL_NAMED: readonly string[] = ["removed_at_destination", "signed_up_again"] satisfies Reason[];

/** Whether a person has to decide about this account, or may. */
export function isUndecided({ reason }: { reason: string | null }): boolean {
  return reason !== null && (reason.startsWith(FOR_A_PERSON_TO_DECIDE) || UNTIL_NAMED.includes(reason));
}

/** Whether the file may name this sub: one with an "@" may be an address. */
function isNameable(sub: string): boolean {
  return !sub.includes("@") && anySub.safeParse(sub).success;
}

/** A list of more is none that a person reads. */
export const MAX_ANSWERS = 9;

/** The answers that lead somewhere; the first few, where each of very many people could come along. */
export function answersOf(people: DecidedPeople, policy: Policy): Answer[] {
  const waiting = waitingAmong(people, policy);
  const answers: Answer[] = [];
  const whole = waiting.filter(({ emailVerified }) => emailVerified);
  if (!people.around.tooMany && whole.length > 1)
    answers.push(answer("one_person", whole.map(subOf), people, policy));
  for (const { sub } of waiting.slice(0, MAX_ANSWERS)) answers.push(answer("only", [sub], people, policy));
  // Nobody can name as many.
  if (!people.around.tooMany) answers.push(answer("nobody", [], people, policy));
  return answers.filter(leadsSomewhere);
}

/** That this one comes along; null where the rules do not let them. */
export function answerOnly(sub: string, people: DecidedPeople, policy: Policy): Answer | null {
  if (!waitingAmong(people, policy).some((account) => account.sub === sub)) return null;
  const only = answer("only", [sub], people, policy);
  return leadsSomewhere(only) ? only : null;
}

function leadsSomewhere({ kind, subs, decisions }: Answer): boolean {
  const coming = decisions.filter((decision) => subs.includes(decision.sub) && comesAlong(decision));
  return kind === "nobody" || coming.length === subs.length;
}

/** Who could be named, those who have proven the address first. */
function waitingAmong(people: DecidedPeople, policy: Policy): Account[] {
  const decisions = decide(people, policy, unanswered(people, policy));
  const waiting = new Set(decisions.filter(isUndecided).map(subOf));
  return people.accounts
    .filter(({ sub, removed }) => waiting.has(sub) && removed !== true && isNameable(sub))
    .sort((a, b) => Number(b.emailVerified) - Number(a.emailVerified) || a.createdAtMs - b.createdAtMs);
}

/** Whoever comes along without having been named is named with "skip", until the rules leave nobody open. */
function answer(kind: Answer["kind"], subs: string[], people: DecidedPeople, policy: Policy): Answer {
  const before = unanswered(people, policy);
  const coming = new Set(decide(people, policy, before).filter(comesAlong).map(subOf));
  const named: Decisions = { ...before, ...Object.fromEntries(subs.map((sub) => [sub, "import" as const])) };
  for (;;) {
    const decisions = decide(people, policy, named);
    const over = decisions.filter(
      (one) => isUndecided(one) || (comesAlong(one) && !subs.includes(one.sub) && !coming.has(one.sub)),
    );
    const out = over.map(subOf).filter((sub) => isNameable(sub) && !Object.hasOwn(named, sub));
    const room = people.around.tooMany ? 0 : MAX_NAMED_SUBS - Object.keys(named).length;
    // Where the file cannot name them all, they stay out all the same, and wait.
    if (out.length === 0 || out.length > room)
      return { kind, subs, changes: changesOf(people, policy, named), decisions };
    for (const sub of out) named[sub] = "skip";
  }
}

/** The file's decisions without what it says of these people; whose address is to change stays so. */
function unanswered({ accounts }: DecidedPeople, { users: { decisions } }: Policy): Decisions {
  const own = new Set(accounts.map(subOf));
  return Object.fromEntries(
    Object.entries(decisions).filter(([sub, decision]) => !own.has(sub) || decision === "readdress"),
  );
}

function changesOf({ accounts }: DecidedPeople, { users: { decisions } }: Policy, named: Decisions) {
  const changes = new Map<string, "import" | "skip" | null>();
  for (const { sub } of accounts) {
    const [before, after] = [decisionIn(decisions, sub), decisionIn(named, sub)];
    if (before !== after && after !== "readdress") changes.set(sub, after);
  }
  return changes;
}

function decisionIn(decisions: Decisions, sub: string) {
  return ownValue(decisions, sub) ?? null;
}

/** What the plan decides about them by the file as it stands. */
export function decidedNow(people: DecidedPeople, policy: Policy): Decision[] {
  return decide(people, policy, policy.users.decisions);
}

function decide({ accounts, around }: DecidedPeople, policy: Policy, decisions: Decisions): Decision[] {
  return decidePeople(accounts, { ...policy, users: { ...policy.users, decisions } }, around);
}

function comesAlong({ action }: Decision): boolean {
  return action !== "skip";
}

function subOf({ sub }: { sub: string }): string {
  return sub;
}
