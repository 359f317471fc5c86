import type { Ledger } from "../../ledger/ledger.ts";
import { type ClaimedItem, claim, type WorkRange } from "../../ledger/work-items.ts";
import type { Slot } from "../pacer.ts";
import type { Prepared } from "./work.ts";

export type ReadyItem<Payload> = ClaimedItem &
  Prepared<Payload> & {
    slot: Slot;
    /** Not later than the claim's commit. */
    claimedAtMs: number;
  };

export interface SupplyOptions<Payload> {
  ledger: Ledger;
  range: WorkRange;
  fence: number;
  /** Between 1 and `wanted` slots for the first call of an item each. */
  reserve: (wanted: number) => Promise<Slot[]>;
  /** 1 claims each item when it is asked for, and not before. */
  groupSize: number;
  /** Waits until a slot is due; only asked where the group is 1. */
  due: (slot: Slot) => Promise<void>;
  /** Open items in the range when the attempt began. */
  open: number;
  signal: AbortSignal;
  /** What is to be sent for each item, in their order. */
  prepare: (items: readonly ClaimedItem[]) => Promise<readonly Prepared<Payload>[]>;
}

/** Slots first, then claims, a group at a time; the next group is fetched while the last is being sent. */
export class Supply<Payload> {
  readonly #options: SupplyOptions<Payload>;
  #ready: ReadyItem<Payload>[] = [];
  #left: number;
  #refilling: Promise<void> | undefined;

  constructor(options: SupplyOptions<Payload>) {
    this.#options = options;
    this.#left = options.open;
  }

  /** The next claimed item; null when the range has no more for this attempt. */
  async next(): Promise<ReadyItem<Payload> | null> {
    for (;;) {
      const item = this.#ready.shift();
      if (this.#isLow(item !== undefined)) this.#refill();
      if (item !== undefined) return item;
      if (this.#refilling === undefined) return null;
      await this.#refilling;
    }
  }

  #isLow(hasItem: boolean): boolean {
    const { groupSize } = this.#options;
    return groupSize === 1 ? !hasItem : this.#ready.length <= groupSize / 2;
  }

  /** Claimed and never sent. */
  async unsent(): Promise<ReadyItem<Payload>[]> {
    await this.#refilling?.catch(() => undefined);
    return this.#ready.splice(0);
  }

  #refill(): void {
    if (this.#refilling !== undefined || this.#left <= 0 || this.#options.signal.aborted) return;
    const refilling = this.#claimGroup().finally(() => {
      this.#refilling = undefined;
    });
    // Whoever waits for the next item meets the failure; nobody else needs to.
    refilling.catch(() => undefined);
    this.#refilling = refilling;
  }

  async #claimGroup(): Promise<void> {
    const { ledger, range, fence, reserve, due, groupSize, prepare } = this.#options;
    const slots = await reserve(Math.min(groupSize, this.#left));
    // What is claimed singly is called at once.
    if (groupSize === 1 && slots[0] !== undefined) await due(slots[0]);
    // Before asking: by the time the answer is read, a worker that slept may have lost what it was given.
    const claimedAtMs = Date.now();
    const items = await ledger.changeSoon((db) => claim(db, range, fence, slots.length));
    if (items.length === 0) this.#left = 0;
    else this.#left -= items.length;
    if (items.length === 0) return;
    const prepared = await prepare(items);
    for (const [index, item] of items.entries()) {
      const slot = slots[index];
      const own = prepared[index];
      if (slot === undefined || own === undefined)
        throw new Error("More items were claimed than slots were granted or payloads prepared.");
      this.#ready.push({ ...item, ...own, slot, claimedAtMs });
    }
  }
}
