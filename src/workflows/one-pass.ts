import type { Blocked, OpenWork, PhaseTotals, Progress } from "../domain/contract.ts";

/** Batches at work at once: enough to hide the gaps between them, few enough to drain in seconds. */
const WINDOW = 4;

export interface Range {
  from: number;
  to: number;
}

/** What a pass needs of the world around it. */
export interface PassPorts {
  /** The next ranges with open items, from an ordinal on. */
  findOpenWork(from: number): Promise<OpenWork | Blocked>;
  send(range: Range): Promise<Progress | Blocked>;
  /** No further batch begins: the caller goes on in a new history. */
  isHistoryLong(): boolean;
  /** Cancels the batches that are at work; they put back what they have open. */
  stop(): void;
  onTotals(totals: PhaseTotals): void;
}

/**
 * One pass over a phase's open work, a window of batches at a time. `complete` if the ledger had no open item,
 * `more` after a pass, or when the history grows long: the caller asks again.
 */
export async function onePass(ports: PassPorts): Promise<Progress | Blocked> {
  const pass = new Pass(ports);
  // All of them, also after one has failed: a pass that begins earlier would repeat calls that are still in flight.
  const ended = await Promise.allSettled(Array.from({ length: WINDOW }, () => pass.lane()));
  for (const lane of ended) if (lane.status === "rejected") throw lane.reason;
  return pass.result();
}

class Pass {
  readonly #ports: PassPorts;
  #queue: Range[] = [];
  #next = 1;
  #exhausted = false;
  #refill: Promise<void> | undefined;
  #worked = false;
  #blocked: Blocked | undefined;
  #totals: PhaseTotals = { done: 0, failed: 0, skipped: 0, of: null };

  constructor(ports: PassPorts) {
    this.#ports = ports;
  }

  /** Works batch after batch; a batch that parks the run stops the others. */
  async lane(): Promise<void> {
    try {
      for (;;) {
        if (this.#blocked !== undefined || this.#ports.isHistoryLong()) return;
        const range = await this.#nextRange();
        if (range === undefined) return;
        this.#worked = true;
        const result = await this.#ports.send(range);
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

  async #nextRange(): Promise<Range | undefined> {
    while (this.#queue.length === 0 && !this.#exhausted && this.#blocked === undefined) {
      this.#refill ??= this.#fetchRanges();
      await this.#refill;
    }
    return this.#blocked === undefined ? this.#queue.shift() : undefined;
  }

  async #fetchRanges(): Promise<void> {
    try {
      const work = await this.#ports.findOpenWork(this.#next);
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
    this.#ports.stop();
  }

  #show(totals: PhaseTotals): void {
    this.#totals = totals;
    this.#ports.onTotals(totals);
  }
}
