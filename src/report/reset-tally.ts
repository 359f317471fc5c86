import type { ResetStanding } from "../plan/reset-standing.ts";

/** People of the reset campaign by how they ended; all zero where there is none. */
export interface ResetCounts {
  mailed: number;
  unsettled: number;
  failed: number;
  open: number;
  /** Most frequent first. */
  notMailed: { reason: string; people: number }[];
}

export class ResetTally {
  readonly #byOutcome = { mailed: 0, unsettled: 0, failed: 0, open: 0 };
  readonly #byReason = new Map<string, number>();

  add({ outcome, reason }: Pick<ResetStanding, "outcome" | "reason">): void {
    if (outcome !== "not_mailed") this.#byOutcome[outcome] += 1;
    else this.#byReason.set(reason ?? "", (this.#byReason.get(reason ?? "") ?? 0) + 1);
  }

  counts(): ResetCounts {
    const notMailed = [...this.#byReason].map(([reason, people]) => ({ reason, people }));
    return {
      ...this.#byOutcome,
      notMailed: notMailed.sort((a, b) => b.people - a.people || (a.reason < b.reason ? -1 : 1)),
    };
  }
}
