import { setImmediate } from "node:timers/promises";
import type { Call, Item, Outcome, Sender } from "../../../src/destinations/sending.ts";
import type { Blocked } from "../../../src/domain/contract.ts";
import { type BatchOptions, runBatch } from "../../../src/engine/batch/batch.ts";
import type { Leases } from "../../../src/engine/batch/lanes.ts";
import type { BatchPulse, Queue } from "../../../src/engine/batch/queue.ts";
import type { Work } from "../../../src/engine/batch/work.ts";
import type { Clock } from "../../../src/engine/clock.ts";
import type { CallSlots } from "../../../src/engine/destination-slots.ts";
import type { Slot } from "../../../src/engine/pacer.ts";
import { FencedError } from "../../../src/ledger/errors.ts";
import { LEASE_MS } from "../../../src/ledger/leases.ts";
import type { ClaimedItem, Settlement } from "../../../src/ledger/queue.ts";
import type { StateCounts } from "../../../src/ledger/queue-questions.ts";

/** Time that goes on when the test says so. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #timers: { atMs: number; fire: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  wait(forMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = { atMs: this.#nowMs + forMs, fire: resolve };
      this.#timers.push(timer);
      signal.addEventListener("abort", () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        resolve();
      });
    });
  }

  /** Nobody's timer fires: a process that was frozen. */
  skip(ms: number): void {
    this.#nowMs += ms;
  }

  /** Lets everything happen that happens by itself, and then goes on to the next timer, until it has settled. */
  async drive<T>(outcome: Promise<T>): Promise<T> {
    let settled = false;
    const end = () => {
      settled = true;
    };
    outcome.then(end, end);
    for (let turns = 0; !settled; turns += 1) {
      if (turns > 10_000) throw new Error("Nothing ends.");
      await happen();
      this.#fireNext();
    }
    return outcome;
  }

  /** So much time, with everything that happens in it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await happen();
    while (this.#timers.some(({ atMs }) => atMs <= untilMs)) {
      this.#fireNext();
      await happen();
    }
    this.#nowMs = untilMs;
  }

  #fireNext(): void {
    const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
    if (next === undefined) return;
    this.#timers = this.#timers.filter((one) => one !== next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.fire();
  }
}

/** Everything that waits for no timer. */
export async function happen(): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) await setImmediate();
}

interface QueuedItem {
  state: "pending" | "sending" | "done" | "failed" | "skipped";
  fence: number;
  inDoubt: boolean;
  putOff: number;
  isDue: boolean;
  settlement: Settlement | null;
}

/** Numbered items and attempts that claim them, as the ledger's queue does it. */
export class FakeQueue {
  readonly items = new Map<number, QueuedItem>();
  /** What a write waits for. */
  beforeSettling: () => Promise<void> = () => Promise.resolve();
  /** In order: what was asked of it. */
  readonly journal: string[] = [];

  constructor(count: number, inDoubt: readonly number[] = []) {
    for (let ordinal = 1; ordinal <= count; ordinal += 1)
      this.items.set(ordinal, {
        state: "pending",
        fence: 0,
        inDoubt: inDoubt.includes(ordinal),
        putOff: 0,
        isDue: true,
        settlement: null,
      });
  }

  as(fence: number): Queue {
    return {
      counts: async () => {
        const counts: StateCounts = { pending: 0, sending: 0, done: 0, failed: 0, skipped: 0 };
        for (const { state, isDue } of this.items.values()) if (isDue) counts[state] += 1;
        return counts;
      },
      claim: async (limit, durably) => {
        this.journal.push(`claim ${limit}${durably ? " durably" : ""}`);
        return this.claim(fence, limit);
      },
      confirm: async (ordinals) => {
        this.journal.push(`confirm ${ordinals.join(" ")}`);
        if (!ordinals.every((ordinal) => this.#isHeld(ordinal, fence))) throw new FencedError();
      },
      settle: async (settlements, durably) => {
        if (durably) this.journal.push(`settle ${settlements.length} durably`);
        await this.beforeSettling();
        if (!settlements.every(({ item }) => this.#isHeld(item.ordinal, fence))) throw new FencedError();
        for (const settlement of settlements) {
          const { item, state, inDoubt, putOffMs } = settlement;
          const isDue = putOffMs === undefined;
          const putOff = (this.items.get(item.ordinal)?.putOff ?? 0) + (isDue ? 0 : 1);
          this.items.set(item.ordinal, { state, fence, inDoubt, putOff, isDue, settlement });
        }
      },
      recentFailures: async (window) => {
        const settled = [...this.items.values()].flatMap(({ settlement }) => settlement ?? []).slice(-window);
        const codes = settled.flatMap(({ state, code }) =>
          state === "failed" && code !== null ? [code] : [],
        );
        return new Map([...Map.groupBy(codes, (code) => code)].map(([code, same]) => [code, same.length]));
      },
    };
  }

  claim(fence: number, limit: number): ClaimedItem[] {
    const claimed: ClaimedItem[] = [];
    for (const [ordinal, item] of this.items) {
      const isOpen =
        (item.state === "pending" && item.fence <= fence) || (item.state === "sending" && item.fence < fence);
      if (!isOpen || !item.isDue || claimed.length === limit) continue;
      if (item.state === "sending") item.inDoubt = true;
      Object.assign(item, { state: "sending", fence });
      const key = `person-${ordinal}`;
      const { inDoubt } = item;
      claimed.push({
        ordinal,
        kind: "user",
        key,
        intent: "create",
        inDoubt,
        firstClaimedAtMs: 1,
        attempts: 1,
        putOff: item.putOff,
        data: "{}",
      });
    }
    return claimed;
  }

  states(): string[] {
    return [...this.items.values()].map(({ state, inDoubt }) => (inDoubt ? `${state} in doubt` : state));
  }

  #isHeld(ordinal: number, fence: number): boolean {
    const item = this.items.get(ordinal);
    return item?.state === "sending" && item.fence === fence;
  }
}

/** The leases of one destination, by the test's clock. */
export class FakeLeases {
  readonly slots: { holder: string; untilMs: number }[];
  readonly #clock: Clock;
  isWanted = false;

  constructor(clock: Clock, callsInFlight: number) {
    this.#clock = clock;
    this.slots = Array.from({ length: callsInFlight }, () => ({ holder: "", untilMs: 0 }));
  }

  heldBy(holder: string): number {
    return this.slots.filter((slot) => slot.holder === holder && slot.untilMs > this.#clock.nowMs()).length;
  }

  as(holder: string): Leases {
    const nowMs = () => this.#clock.nowMs();
    const isTaken = ({ untilMs }: { untilMs: number }) => untilMs > nowMs();
    return {
      callsInFlight: this.slots.length,
      take: async (wanted) => {
        const free = this.slots.flatMap((slot, index) => (isTaken(slot) ? [] : [index])).slice(0, wanted);
        for (const index of free) this.slots[index] = { holder, untilMs: nowMs() + LEASE_MS };
        return free;
      },
      renew: async () => {
        const own = this.slots.flatMap((slot, index) =>
          slot.holder === holder && isTaken(slot) ? [index] : [],
        );
        for (const index of own) this.slots[index] = { holder, untilMs: nowMs() + LEASE_MS };
        return { slots: own, isWanted: this.isWanted, taken: this.slots.filter(isTaken).length };
      },
      want: async () => {
        this.isWanted = true;
      },
      giveBack: async (slots) => {
        for (const index of slots)
          if (this.slots[index]?.holder === holder) this.slots[index] = { holder: "", untilMs: 0 };
      },
    };
  }
}

/** One call that the destination got, open until it is answered. */
export interface OpenCall {
  keys: string[];
  verb: "write" | "read";
  /** Of its items. */
  lastTriedAtMs: number[];
  answer(outcome: Outcome | ((item: Item<string>) => Outcome)): void;
  fail(error: Error): void;
}

export const CREATED: Outcome = { kind: "created", destinationId: "user_1" };
export const UNCLEAR = {
  kind: "unknown",
  code: "timeout",
  message: "",
  retryAfterMs: 0,
} as const satisfies Outcome;

/** A sender whose every `send` is one call, which the test answers. Items in doubt are looked up. */
export class HeldSender implements Sender<string> {
  readonly itemsPerCall: number;
  readonly callsInFlight: number;
  readonly maxCalls = 1;
  readonly calls: OpenCall[] = [];

  constructor(itemsPerCall = 1, callsInFlight = 1) {
    this.itemsPerCall = itemsPerCall;
    this.callsInFlight = callsInFlight;
  }

  async send(items: readonly Item<string>[], call: Call): Promise<readonly Outcome[]> {
    const verb = items.every(({ inDoubt }) => inDoubt) ? "read" : "write";
    await call[verb]();
    return new Promise((resolve, reject) => {
      this.calls.push({
        keys: items.map(({ key }) => key),
        verb,
        lastTriedAtMs: items.map((item) => item.lastTriedAtMs),
        answer: (outcome) =>
          resolve(items.map((item) => (typeof outcome === "function" ? outcome(item) : outcome))),
        fail: reject,
      });
    });
  }

  open(index: number): OpenCall {
    const call = this.calls[index];
    if (call === undefined) throw new Error(`No call ${index} was made.`);
    return call;
  }
}

/** A sender that answers by itself; `keys` has the items of each call, in order. */
export class PromptSender implements Sender<string> {
  readonly itemsPerCall: number;
  readonly callsInFlight: number;
  readonly maxCalls = 3;
  readonly keys: string[][] = [];
  readonly #answer: (item: Item<string>, sends: number) => Outcome;

  constructor(
    answer: (item: Item<string>, sends: number) => Outcome = () => CREATED,
    { itemsPerCall = 1, callsInFlight = 1 } = {},
  ) {
    this.#answer = answer;
    this.itemsPerCall = itemsPerCall;
    this.callsInFlight = callsInFlight;
  }

  async send(items: readonly Item<string>[], call: Call): Promise<readonly Outcome[]> {
    await call.write();
    this.keys.push(items.map(({ key }) => key));
    return items.map((item) =>
      this.#answer(item, this.keys.filter((keys) => keys.includes(item.key)).length),
    );
  }
}

export interface Rig {
  clock: FakeClock;
  queue: FakeQueue;
  leases: FakeLeases;
  slots: FakeSlots;
  /** Cancels the attempt. */
  cancel: AbortController;
  /** Limits of the operations that may hang, as they were let go. */
  limits: string[];
  run(options?: { fence?: number; holder?: string; accepted?: readonly string[] }): Promise<Blocked | null>;
}

export class FakeSlots implements CallSlots {
  readonly journal: string[] = [];
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async reserve(wanted: number): Promise<Slot[]> {
    this.#signal.throwIfAborted();
    this.journal.push(`reserve ${wanted}`);
    return Array.from({ length: wanted }, () => ({ dueAtMs: 0, epoch: 0 }));
  }

  async due(slot: Slot): Promise<Slot> {
    this.#signal.throwIfAborted();
    this.journal.push("due");
    return slot;
  }

  async next(verb: "write" | "read"): Promise<Slot> {
    this.#signal.throwIfAborted();
    this.journal.push(`next ${verb}`);
    return { dueAtMs: 0, epoch: 0 };
  }

  async block(forMs: number): Promise<void> {
    this.journal.push(`block ${forMs}`);
  }
}

/** A batch over fakes. Records are the items' keys. */
export function rigFor(
  sender: Sender<string>,
  options: {
    items: number;
    inDoubt?: readonly number[];
    work?: Partial<Work<string>>;
    /** A batch of the same destination: one clock, the same leases. */
    beside?: Rig;
  },
): Rig {
  const clock = options.beside?.clock ?? new FakeClock();
  const queue = new FakeQueue(options.items, options.inDoubt);
  const leases = options.beside?.leases ?? new FakeLeases(clock, sender.callsInFlight);
  const cancel = new AbortController();
  const slots = new FakeSlots(cancel.signal);
  const limits: string[] = [];
  const work: Work<string> = {
    sender,
    prepare: async (items) => items.map(({ key: sub }) => ({ record: sub, fingerprint: `hash of ${sub}` })),
    ...options.work,
  };
  const run: Rig["run"] = ({ fence = 1, holder = "attempt", accepted = [] } = {}) => {
    const batch: BatchOptions<string> = {
      work,
      queue: queue.as(fence),
      leases: leases.as(holder),
      slotsFor: () => slots,
      callTimeoutMs: 10_000,
      clock,
      ledgerNowMs: () => clock.nowMs(),
      pulse: fakePulse(fence, cancel.signal, limits),
      acceptedFailures: accepted,
      onTrouble: () => {},
      onOutcomes: () => {},
    };
    return runBatch(batch);
  };
  return { clock, queue, leases, slots, cancel, limits, run };
}

function fakePulse(fence: number, signal: AbortSignal, limits: string[]): BatchPulse {
  return {
    fence,
    signal,
    show: () => {},
    throwIfCancelled: () => signal.throwIfAborted(),
    during: (limitMs, work) => {
      if (limitMs === 10_000) limits.push("begin");
      return work({
        pause: () => limits.push("pause"),
        resume: () => limits.push("resume"),
        restart: () => limits.push("restart"),
      });
    },
  };
}
