import type { ClaimedItem, Settlement } from "../../ledger/queue.ts";
import type { Clock } from "../clock.ts";
import type { Slot } from "../pacer.ts";
import { Aside } from "./aside.ts";
import type { Queue } from "./queue.ts";
import { putBack, settlementOf } from "./settlement.ts";
import type { Entry, Prepared, Work } from "./work.ts";

/** Claims are made for this many times the calls in flight, where a call is one item. */
const GROUPS_AHEAD = 8;
/** Keeps each statement short. */
const MAX_CLAIM = 1_000;
/** While so many calls' worth of items wait aside, no others are begun: an outage costs its own items, not the range. */
const MAX_ASIDE_CALLS = 100;

export interface SupplyOptions<Record> {
  queue: Queue;
  work: Work<Record>;
  clock: Clock;
  /** By the ledger's clock. */
  ledgerNowMs: () => number;
  /** Between 1 and `wanted` slots for the first call of a send each. */
  reserve: (wanted: number) => Promise<Slot[]>;
  /** Waits until a slot is due; asked only of what is claimed when its call is due. */
  due: (slot: Slot) => Promise<Slot>;
  /** Calls that this batch may have in flight now. */
  lanes: () => number;
  /** Open items in the range when the attempt began. */
  open: number;
  signal: AbortSignal;
  /** Items that need no call. */
  onSettled: (settlement: Settlement) => void;
  /** There is something to take. */
  onReady: () => void;
}

/**
 * What a batch may send now. Slots first, then claims, a group at a time; the next group is fetched while the last is
 * being sent. What needs time waits aside, and is ready again when its time has come.
 */
export class Supply<Record> {
  readonly #options: SupplyOptions<Record>;
  readonly #itemsPerCall: number;
  readonly #aside = new Aside<Entry<Record>>();
  #ready: Entry<Record>[] = [];
  #slots: Slot[] = [];
  /** Where nothing is claimed before its call is due: slots of calls to come. */
  #ahead: Slot[] = [];
  /** Lanes that have nothing to send. */
  #waiting = 0;
  /** Items that are not claimed yet. */
  #left: number;
  #group = 0;
  #refilling: Promise<void> | undefined;

  constructor(options: SupplyOptions<Record>) {
    this.#options = options;
    this.#left = options.open;
    this.#itemsPerCall = options.work.sender.itemsPerCall;
  }

  /** Items for one call, as far as there are any. */
  take(): Entry<Record>[] {
    this.#readyWhatIsDue();
    if (this.#isHeldUp()) return [];
    const taken = this.#ready.splice(0, this.#itemsPerCall);
    if (!this.#options.work.claimsSingly && this.#ready.length <= this.#group / 2) this.#refill();
    return taken;
  }

  /** A slot that was reserved for the first call of a send. */
  takeSlot(): Slot | null {
    return this.#slots.shift() ?? null;
  }

  /** Waits until there is something to take. False when nothing comes, or not before its time aside has passed. */
  async refilled(): Promise<boolean> {
    for (;;) {
      this.#readyWhatIsDue();
      if (this.#isHeldUp()) return false;
      if (this.#ready.length > 0) return true;
      this.#refill();
      if (this.#refilling === undefined) return false;
      this.#waiting += 1;
      await this.#refilling.finally(() => {
        this.#waiting -= 1;
      });
    }
  }

  /** Sent without effect: the first to be taken again. */
  again(entries: readonly Entry<Record>[]): void {
    this.#ready.unshift(...entries);
  }

  putAside(entry: Entry<Record>, forMs: number): void {
    this.#aside.put(entry, this.#options.clock.nowMs() + forMs);
  }

  /** What is claimed already is still sent, or settled. */
  claimNoMore(): void {
    this.#left = 0;
  }

  /** Calls for which there is something to send, or to claim. */
  callsToMake(): number {
    this.#readyWhatIsDue();
    if (this.#isHeldUp()) return 0;
    return Math.ceil((this.#ready.length + (this.#mayClaim() ? this.#left : 0)) / this.#itemsPerCall);
  }

  /** When something that waits aside is ready again; null when nothing waits. */
  get nextDueAtMs(): number | null {
    return this.#aside.nextDueAtMs;
  }

  isOver(): boolean {
    return (
      this.#left <= 0 && this.#ready.length === 0 && this.#aside.size === 0 && this.#refilling === undefined
    );
  }

  /** Takes out everything that is claimed. */
  async leave(): Promise<Entry<Record>[]> {
    await this.#refilling?.catch(() => undefined);
    return [...this.#ready.splice(0), ...this.#aside.leave()];
  }

  #readyWhatIsDue(): void {
    const due = this.#aside.due(this.#options.clock.nowMs());
    if (due.length > 0) this.again(due);
  }

  #isHeldUp(): boolean {
    return this.#options.work.inOrder === true && this.#aside.size > 0;
  }

  #mayClaim(): boolean {
    return this.#left > 0 && this.#aside.size < MAX_ASIDE_CALLS * this.#itemsPerCall;
  }

  #refill(): void {
    if (this.#refilling !== undefined || !this.#mayClaim() || this.#options.signal.aborted) return;
    const claiming = this.#options.work.claimsSingly ? this.#claimDue() : this.#claimGroup();
    const refilling = claiming.finally(() => {
      this.#refilling = undefined;
      this.#options.onReady();
    });
    // Whoever waits for the next item meets the failure; nobody else needs to.
    refilling.catch(() => undefined);
    this.#refilling = refilling;
  }

  async #claimGroup(): Promise<void> {
    const { reserve, lanes } = this.#options;
    const perCall = this.#itemsPerCall;
    const ahead = Math.max(1, lanes()) * (perCall === 1 ? GROUPS_AHEAD : 1);
    const slots = await reserve(Math.min(ahead, Math.ceil(this.#left / perCall)));
    this.#group = slots.length * perCall;
    const toSend = await this.#claim(this.#group);
    this.#keepSlots(slots, Math.ceil(toSend / perCall));
  }

  /** What is claimed is called at once: one, or as many as are due by now where a claim took longer than the pace. */
  async #claimDue(): Promise<void> {
    const { reserve, due, lanes, clock } = this.#options;
    if (this.#ahead.length === 0) this.#ahead = await reserve(Math.min(Math.max(1, lanes()), this.#left));
    const next = this.#ahead[0];
    if (next !== undefined) await due(next);
    const nowMs = clock.nowMs();
    const inTime = this.#ahead.filter(({ dueAtMs }) => dueAtMs <= nowMs).length;
    const slots = this.#ahead.splice(0, Math.max(1, Math.min(inTime, this.#waiting)));
    for (const slot of slots.slice(1)) await due(slot);
    this.#keepSlots(slots, await this.#claim(slots.length));
  }

  /** A slot that nothing is sent by is dropped: kept, it would let a call go at a time that the pace gave to others. */
  #keepSlots(fresh: readonly Slot[], needed: number): void {
    const { lanes } = this.#options;
    const stale = this.#slots.length - Math.ceil(this.#ready.length / this.#itemsPerCall) - lanes();
    if (stale > 0) this.#slots.splice(0, stale);
    this.#slots.push(...fresh.slice(0, needed));
  }

  /** Returns how many of them are to be sent. Others are sent meanwhile, so that what is ready does not tell. */
  async #claim(wanted: number): Promise<number> {
    let toSend = 0;
    for (let more = wanted; more > 0 && this.#left > 0; ) {
      const { claimed, ready } = await this.#claimSome(Math.min(more, MAX_CLAIM));
      more -= claimed;
      toSend += ready;
      this.#left = claimed === 0 ? 0 : this.#left - claimed;
    }
    return toSend;
  }

  async #claimSome(limit: number): Promise<{ claimed: number; ready: number }> {
    const { queue, clock, ledgerNowMs, work, onSettled } = this.#options;
    // Before asking: by the time the answer is read, a worker that slept may have lost what it was given.
    const trustedAtMs = clock.nowMs();
    const items = await queue.claim(limit, work.claimsSingly ?? false);
    if (items.length === 0) return { claimed: 0, ready: 0 };
    try {
      // After the claim: until then an attempt before this one may have let a call go.
      const claimedAtMs = ledgerNowMs();
      const prepared = await work.prepare(items);
      const times = { trustedAtMs, lastTriedAtMs: claimedAtMs };
      const ready = items
        .map((claimed, index) => this.#entryOf(claimed, prepared[index], times))
        .filter((entry) => entry !== null);
      this.#ready.push(...ready);
      return { claimed: items.length, ready: ready.length };
    } catch (error) {
      for (const claimed of items) onSettled(putBack(claimed, claimed.inDoubt));
      throw error;
    }
  }

  #entryOf(
    claimed: ClaimedItem,
    prepared: Prepared<Record> | undefined,
    times: Pick<Entry<Record>, "trustedAtMs" | "lastTriedAtMs">,
  ): Entry<Record> | null {
    if (prepared === undefined) throw new Error("A claimed item has no record.");
    if ("outcome" in prepared) {
      const { outcome } = prepared;
      // What is refused before it is sent says nothing of what an earlier call did.
      const inDoubt = outcome.kind === "rejected" && claimed.inDoubt;
      this.#options.onSettled({ ...settlementOf(claimed, outcome, null), inDoubt });
      return null;
    }
    const { record, fingerprint, mayExist = false, asksWhenDue = false } = prepared;
    return {
      claimed,
      record,
      fingerprint,
      mayExist,
      inDoubt: claimed.inDoubt,
      unclear: 0,
      wantedAtMs: asksWhenDue ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
      ...times,
    };
  }
}
