import { type Outcome, REASONS } from "../domain/outcomes.ts";
import { ownValue } from "../domain/own-value.ts";
import type { UserOutcome } from "../ledger/outcomes.ts";

const EXPLANATIONS: Readonly<Record<string, string>> = REASONS;

/** Why a user ended so, in one sentence; empty where the outcome says it all. */
export function explanationOf({ outcome, reason }: Pick<UserOutcome, "outcome" | "reason">): string {
  const known = reason === null ? undefined : ownValue(EXPLANATIONS, reason);
  if (known !== undefined) return known;
  if (outcome === "failed")
    return "The destination did not take the user; `./spillway lookup SUB` shows its own words.";
  if (outcome === "open") return "Not settled yet.";
  return "";
}

/** The same about one person, with whoever else they are told from. */
export function explanationOfPerson(user: UserOutcome): string {
  const general = explanationOf(user);
  return user.earlierSub === undefined ? general : `${general} The other sub is ${user.earlierSub}.`;
}

export const OUTCOMES = [
  "imported",
  "merged",
  "skipped",
  "failed",
  "open",
] as const satisfies readonly Outcome[];
