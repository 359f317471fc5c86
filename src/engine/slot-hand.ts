import type { Pacer, Slot } from "./pacer.ts";

/**
 * Slots taken at once; the pace grants them no further ahead than its horizon. Half of them outlast a group of pages
 * that is being written, behind which the question for more may have to wait.
 */
const HAND = 128;

/**
 * Slots for calls that follow one another: some are taken at a time, so that not every call asks the ledger, and the
 * next ones while half of them are left, so that no call waits for the ledger.
 */
export class SlotHand {
  readonly #pacer: Pacer;
  readonly #keys: readonly string[];
  readonly #signal: AbortSignal;
  readonly #beganAtMs = performance.now();
  #slots: Slot[] = [];
  #refillAt = 0;
  #refilling: Promise<void> | undefined;

  constructor(pacer: Pacer, keys: readonly string[], signal: AbortSignal) {
    this.#pacer = pacer;
    this.#keys = keys;
    this.#signal = signal;
  }

  /** Waits for a slot that is due. Rejects when the signal aborts. */
  async next(): Promise<void> {
    for (;;) {
      const slot = this.#slots.shift();
      if (this.#slots.length <= this.#refillAt) this.#refill();
      if (slot === undefined) await this.#refilling;
      else if (await this.#pacer.due(slot, this.#signal)) return;
      // Whatever else is in the hand is as void as this one.
      else this.#slots = [];
    }
  }

  /** The other side asked to wait: everyone does. */
  async block(forMs: number): Promise<void> {
    this.#slots = [];
    await this.#pacer.block(this.#keys, forMs);
  }

  #refill(): void {
    if (this.#refilling !== undefined) return;
    const refilling = this.#take().finally(() => {
      this.#refilling = undefined;
    });
    // Whoever has no slot left meets the failure; nobody else needs to.
    refilling.catch(() => undefined);
    this.#refilling = refilling;
  }

  async #take(): Promise<void> {
    const turn = { beganAtMs: this.#beganAtMs, signal: this.#signal };
    const taken = await this.#pacer.take(this.#keys, HAND, turn);
    this.#slots.push(...taken);
    this.#refillAt = Math.floor(taken.length / 2);
  }
}
