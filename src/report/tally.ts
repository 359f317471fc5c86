import { FOR_A_PERSON_TO_DECIDE, type Outcome } from "../domain/outcomes.ts";
import type { UserOutcome } from "../ledger/outcomes.ts";
import { explanationOf, OUTCOMES } from "./explain.ts";

export interface ReasonCount {
  outcome: Outcome;
  reason: string;
  users: number;
  explanation: string;
}

/** Everyone of the newest snapshot, counted by how they ended and why. */
export interface Counts {
  listed: number;
  byOutcome: Record<Outcome, number>;
  /** Most frequent first. */
  byReason: ReasonCount[];
}

/** How many people stay out until the file names who of them comes along. */
export function undecidedOf({ byReason }: Pick<Counts, "byReason">): number {
  return byReason
    .filter(({ reason }) => reason.startsWith(FOR_A_PERSON_TO_DECIDE))
    .reduce((sum, { users }) => sum + users, 0);
}

export class OutcomeTally {
  readonly #byOutcome: Record<Outcome, number> = { imported: 0, merged: 0, skipped: 0, failed: 0, open: 0 };
  readonly #byReason = new Map<string, ReasonCount>();

  add(user: Pick<UserOutcome, "outcome" | "reason">): void {
    const { outcome, reason } = user;
    this.#byOutcome[outcome] += 1;
    if (reason === null) return;
    const key = `${outcome}:${reason}`;
    const entry = this.#byReason.get(key) ?? { outcome, reason, users: 0, explanation: explanationOf(user) };
    entry.users += 1;
    this.#byReason.set(key, entry);
  }

  counts(): Counts {
    return {
      listed: OUTCOMES.reduce((sum, outcome) => sum + this.#byOutcome[outcome], 0),
      byOutcome: { ...this.#byOutcome },
      byReason: [...this.#byReason.values()].sort((a, b) => b.users - a.users),
    };
  }
}
