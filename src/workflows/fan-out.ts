import { CancellationScope, workflowInfo } from "@temporalio/workflow";
import type { FanOutPhase } from "../phases.ts";
import type { Blocked, PhaseTotals, Progress, RunRef } from "./contract.ts";
import { grouped } from "./numbers.ts";
import { activities } from "./proxies.ts";

/** Batches at work at once: enough to hide the gaps between them, few enough to drain in seconds. */
const WINDOW = 4;

/** The activity that sends a phase's batches. */
const SENDERS = {
  structure: "createStructure",
  users: "importUsers",
  memberships: "createMemberships",
} as const satisfies Record<FanOutPhase, string>;

interface Range {
  from: number;
  to: number;
}

export interface FanOutInput {
  run: RunRef;
  phase: FanOutPhase;
  batchSize: number;
  accepted: readonly string[];
  onTotals: (totals: PhaseTotals) => void;
}

/**
 * One pass over a phase's open work, a window of batches at a time. `complete` if the ledger had no open item,
 * `more` after a pass, or when the history grows long: the caller asks again.
 */
export async function fanOut(input: FanOutInput): Promise<Progress | Blocked> {
  const pass = new Pass(input);
  return pass.scope.run(async () => {
    const lanes = Array.from({ length: WINDOW }, () => pass.lane());
    // All of them, also after one has failed: a pass that begins earlier would repeat calls that are still in flight.
    const ended = await Promise.allSettled(lanes);
    for (const lane of ended) if (lane.status === "rejected") throw lane.reason;
    return pass.result();
  });
}

class Pass {
  /** Cancelled when a batch parks the run. */
  readonly scope = new CancellationScope();
  readonly #input: FanOutInput;
  #queue: Range[] = [];
  #next = 1;
  #exhausted = false;
  #refill: Promise<void> | undefined;
  #worked = false;
  #blocked: Blocked | undefined;
  #totals: PhaseTotals = { done: 0, failed: 0, skipped: 0, of: null };

  constructor(input: FanOutInput) {
    this.#input = input;
  }

  /** Works batch after batch; a batch that parks the run stops the others. */
  async lane(): Promise<void> {
    try {
      for (;;) {
        if (this.#blocked !== undefined || workflowInfo().continueAsNewSuggested) return;
        const range = await this.#nextRange();
        if (range === undefined) return;
        this.#worked = true;
        const result = await this.#sendRange(range);
        if (result.status === "blocked") this.#stop(result);
        else this.#show(result.totals);
      }
    } catch (error) {
      // What another lane's parking cancelled is put back by its activity.
      if (this.#blocked === undefined) throw error;
    }
  }

  result(): Progress | Blocked {
    return (
      this.#blocked ?? {
        status: this.#worked || !this.#exhausted ? "more" : "complete",
        totals: this.#totals,
      }
    );
  }

  #sendRange({ from, to }: Range) {
    const { run, phase, accepted } = this.#input;
    const summary = `${phase} ${grouped(from)}–${grouped(to)}`;
    return activities[SENDERS[phase]].executeWithOptions({ summary }, [{ run, phase, from, to, accepted }]);
  }

  async #nextRange(): Promise<Range | undefined> {
    while (this.#queue.length === 0 && !this.#exhausted && this.#blocked === undefined) {
      this.#refill ??= this.#fetchRanges();
      await this.#refill;
    }
    return this.#queue.shift();
  }

  async #fetchRanges(): Promise<void> {
    const { run, phase, batchSize } = this.#input;
    try {
      const work = await activities.findOpenWork({ run, phase, from: this.#next, batchSize });
      if (work.status === "blocked") {
        this.#stop(work);
        return;
      }
      this.#show(work.totals);
      const last = work.ranges.at(-1);
      if (last === undefined) this.#exhausted = true;
      else this.#next = last.to + 1;
      this.#queue.push(...work.ranges);
    } finally {
      this.#refill = undefined;
    }
  }

  #stop(reason: Blocked): void {
    this.#blocked ??= reason;
    this.scope.cancel();
  }

  #show(totals: PhaseTotals): void {
    this.#totals = totals;
    this.#input.onTotals(totals);
  }
}
