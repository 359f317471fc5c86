import { setTimeout as sleep } from "node:timers/promises";
import type { Ledger } from "../ledger/ledger.ts";
import { blockPace, PACE_HORIZON_MS, reserve } from "../ledger/pace.ts";

/** Who asks: whoever began earlier is served first, so that work ends piece by piece and not all at once. */
export interface Turn {
  /** By this process's monotonic clock, with fractions: no two are alike. */
  beganAtMs: number;
  signal: AbortSignal;
}

interface Waiter {
  wanted: number;
  beganAtMs: number;
  keys: readonly string[];
  signal: AbortSignal;
  resolve: (slots: Slot[]) => void;
  reject: (reason: unknown) => void;
}

/** The right to start one call, not before `dueAtMs` by this process's monotonic clock. Void once the pace was blocked. */
export interface Slot {
  dueAtMs: number;
  epoch: number;
}

/**
 * Serves all batches of this process from the pace rows in the ledger: one reservation at a time for each set of
 * rows, for everybody who waits for it.
 */
export class Pacer {
  readonly #ledger: Ledger;
  readonly #queues = new Map<string, Waiter[]>();
  /** Grows with every block: slots granted before it are void. */
  #epoch = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Between 1 and `wanted` slots, as soon as the pace grants any. Rejects with the signal's reason. */
  take(keys: readonly string[], wanted: number, { beganAtMs, signal }: Turn): Promise<Slot[]> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const name = keys.join(" ");
      const queue = this.#queues.get(name);
      const waiter: Waiter = { wanted, beganAtMs, keys, signal, resolve, reject };
      if (queue !== undefined) {
        queue.push(waiter);
        return;
      }
      const fresh = [waiter];
      this.#queues.set(name, fresh);
      void this.#serve(name, fresh);
    });
  }

  /** Waits until the slot is due. False when it became void meanwhile: take another one. */
  async due(slot: Slot, signal: AbortSignal): Promise<boolean> {
    const waitMs = slot.dueAtMs - performance.now();
    // A timer takes a millisecond at least.
    if (waitMs >= 1) await sleep(waitMs, undefined, { signal });
    return slot.epoch === this.#epoch;
  }

  /** Everyone waits: in this process at once, elsewhere from their next reservation on. */
  async block(keys: readonly string[], forMs: number): Promise<void> {
    this.#epoch += 1;
    await this.#ledger.write((tx) => blockPace(tx, keys, forMs));
  }

  async #serve(name: string, queue: Waiter[]): Promise<void> {
    for (;;) {
      dropAborted(queue);
      const first = queue[0];
      if (first === undefined) break;
      try {
        await this.#grantOnce(queue, first.keys);
      } catch (error) {
        for (const waiter of queue.splice(0)) waiter.reject(error);
      }
    }
    this.#queues.delete(name);
  }

  async #grantOnce(queue: Waiter[], keys: readonly string[]): Promise<void> {
    const wanted = queue.reduce((sum, waiter) => sum + waiter.wanted, 0);
    const epoch = this.#epoch;
    const { delaysMs, waitMs } = await reserve(this.#ledger, keys, wanted);
    const nowMs = performance.now();
    if (delaysMs.length === 0) {
      await sleep(Math.min(waitMs, PACE_HORIZON_MS));
      return;
    }
    const slots = delaysMs.map((delayMs) => ({ dueAtMs: nowMs + delayMs, epoch }));
    dropAborted(queue);
    deal(queue, slots);
  }
}

function dropAborted(queue: Waiter[]): void {
  for (const waiter of queue.filter((candidate) => candidate.signal.aborted)) {
    queue.splice(queue.indexOf(waiter), 1);
    waiter.reject(waiter.signal.reason);
  }
}

/** Whoever began first takes what it wants, then the next, as far as the slots go. */
function deal(queue: Waiter[], slots: readonly Slot[]): void {
  let given = 0;
  for (const waiter of queue.toSorted((a, b) => a.beganAtMs - b.beganAtMs)) {
    const hand = slots.slice(given, given + waiter.wanted);
    if (hand.length === 0) return;
    given += hand.length;
    queue.splice(queue.indexOf(waiter), 1);
    waiter.resolve(hand);
  }
}
