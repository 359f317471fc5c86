import type { Pacer, Slot } from "./pacer.ts";

/** Slots taken at once; the pace grants them no further ahead than its horizon. */
const HAND = 16;

/** Slots for calls that follow one another: some are taken at a time, so that not every call asks the ledger. */
export class SlotHand {
  readonly #pacer: Pacer;
  readonly #keys: readonly string[];
  readonly #signal: AbortSignal;
  readonly #beganAtMs = performance.now();
  #slots: Slot[] = [];

  constructor(pacer: Pacer, keys: readonly string[], signal: AbortSignal) {
    this.#pacer = pacer;
    this.#keys = keys;
    this.#signal = signal;
  }

  /** Waits for a slot that is due. Rejects when the signal aborts. */
  async next(): Promise<void> {
    for (;;) {
      const slot = this.#slots.shift() ?? (await this.#take());
      if (await this.#pacer.due(slot, this.#signal)) return;
      // Whatever else is in the hand is as void as this one.
      this.#slots = [];
    }
  }

  /** The other side asked to wait: everyone does. */
  async block(forMs: number): Promise<void> {
    this.#slots = [];
    await this.#pacer.block(this.#keys, forMs);
  }

  async #take(): Promise<Slot> {
    const turn = { beganAtMs: this.#beganAtMs, signal: this.#signal };
    const [first, ...rest] = await this.#pacer.take(this.#keys, HAND, turn);
    if (first === undefined) throw new Error("The pacer granted nothing.");
    this.#slots = rest;
    return first;
  }
}
