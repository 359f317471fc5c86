import { LEASE_MS, type Renewed } from "../../ledger/leases.ts";
import type { Clock } from "../clock.ts";

/** Batches that send at the same time, as a rule: each takes its share of the calls in flight at once. */
const BATCHES_AT_ONCE = 4;
const RENEW_MS = 1_000;
/** Who goes short looks this often, a little more or less, whether a lease has become free. */
const LOOK_MS = 250;
/** A call begins under a lease only while this much of it is left, for a process that halts between look and call. */
const LEASE_RESERVE_MS = 1_000;

/** One attempt's part of the leases for calls in flight. */
export interface Leases {
  /** In the whole environment. */
  readonly callsInFlight: number;
  take(wanted: number): Promise<number[]>;
  renew(): Promise<Renewed>;
  /** Asks those who have more than their share to give some back. */
  want(): Promise<void>;
  giveBack(slots: readonly number[]): Promise<void>;
}

/** The right to have one call in flight. */
export interface Lease {
  /** Null when it ran out. */
  slot: number | null;
  /** It was given or renewed at this instant, or later. */
  trustedAtMs: number;
}

export interface LanesOptions {
  leases: Leases;
  clock: Clock;
  signal: AbortSignal;
  /** Calls that could be made now. */
  callsToMake: () => number;
  /** When there may be more to do by itself; null if never. */
  nextDueAtMs: () => number | null;
  /** Nothing will come any more. */
  isOver: () => boolean;
  /** Sends, a call after the other, until there is nothing to send or `isSurplus`. Never rejects. */
  lane: (lease: Lease) => Promise<void>;
  onError: (error: unknown) => void;
}

/**
 * As many lanes as there is work and as the leases allow, each with one call in flight. A batch takes its share at once,
 * more when some stay free, and gives that back when somebody else goes short.
 */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #share: number;
  readonly #running = new Map<Lease, Promise<void>>();
  /** Leases whose lane has ended. */
  #idle: Lease[] = [];
  #renewedAtMs: number;
  #renewing: Promise<void> | undefined;
  /** Somebody else goes short, as the last renewal told. */
  #isWanted = false;
  /** Slots that nobody had, as the last renewal told. */
  #free = 0;
  #nextLookAtMs = 0;
  #awake = new AbortController();

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#share = Math.ceil(options.leases.callsInFlight / BATCHES_AT_ONCE);
    this.#renewedAtMs = options.clock.nowMs();
    options.signal.addEventListener("abort", () => this.wake(), { once: true });
  }

  /** Lanes at work; the share as long as there are none. */
  get size(): number {
    return this.#running.size === 0 ? this.#share : this.#running.size;
  }

  /** Until nothing is left to send, or the signal aborts; resolves when no call is in flight any more. */
  async run(): Promise<void> {
    const { signal, isOver } = this.#options;
    try {
      while (this.#running.size > 0 || !(signal.aborted || isOver())) {
        this.#awake = new AbortController();
        await this.#adjust();
        await this.#sleep();
      }
    } catch (error) {
      this.#options.onError(error);
    }
    await Promise.all(this.#running.values());
    // What cannot be given back is free as soon as it has run out.
    await this.#giveBackIdle().catch(() => undefined);
  }

  /** There may be something to do for more lanes. */
  wake(): void {
    if (!this.#awake.signal.aborted) this.#awake.abort("awake");
  }

  /** Somebody else goes short, and this batch has more lanes than its share. */
  isSurplus(): boolean {
    return this.#running.size > this.#limit();
  }

  isHeld({ slot, trustedAtMs }: Lease): boolean {
    return slot !== null && this.#options.clock.nowMs() - trustedAtMs < LEASE_MS - LEASE_RESERVE_MS;
  }

  /** Waits until a call may begin under this lease: one that ran out is taken anew. Rejects when the signal aborts. */
  async hold(lease: Lease): Promise<void> {
    const { leases, clock, signal } = this.#options;
    while (!this.isHeld(lease)) {
      signal.throwIfAborted();
      if (lease.slot !== null) {
        await this.#renew();
        continue;
      }
      const [taken] = await this.#take(1);
      if (taken !== undefined) Object.assign(lease, taken);
      else {
        await leases.want();
        await clock.wait(lookMs(), signal);
      }
    }
  }

  async #adjust(): Promise<void> {
    const { clock, signal, callsToMake } = this.#options;
    const isTimeToRenew = clock.nowMs() - this.#renewedAtMs >= RENEW_MS;
    if (isTimeToRenew && this.#running.size + this.#idle.length > 0) await this.#renew();
    const wanted = signal.aborted ? 0 : Math.min(callsToMake(), this.#limit());
    while (this.#running.size < wanted) {
      const lease = this.#idle.pop();
      if (lease === undefined) break;
      this.#start(lease);
    }
    // Not one by one while a batch ends.
    if (isTimeToRenew || this.#isWanted || this.#running.size === 0) await this.#giveBackIdle();
    await this.#startMore(wanted - this.#running.size);
  }

  async #startMore(missing: number): Promise<void> {
    const { leases, clock } = this.#options;
    if (missing <= 0 || clock.nowMs() < this.#nextLookAtMs) return;
    const ownMissing = Math.min(missing, this.#share - this.#running.size);
    const asked = this.#free > 0 && !this.#isWanted ? missing : ownMissing;
    if (asked <= 0) return;
    // Until the next renewal tells how many are left.
    this.#free = 0;
    const taken = await this.#take(asked);
    for (const lease of taken) this.#start(lease);
    if (taken.length >= ownMissing) return;
    await leases.want();
    this.#nextLookAtMs = clock.nowMs() + lookMs();
  }

  #start(lease: Lease): void {
    const ended = this.#options.lane(lease).finally(() => {
      this.#running.delete(lease);
      this.#idle.push(lease);
      this.wake();
    });
    this.#running.set(lease, ended);
  }

  /** Lanes that this batch may have as things stand. */
  #limit(): number {
    return this.#isWanted ? this.#share : this.#options.leases.callsInFlight;
  }

  async #take(wanted: number): Promise<Lease[]> {
    const { leases, clock } = this.#options;
    const trustedAtMs = clock.nowMs();
    const slots = await leases.take(wanted);
    return slots.map((slot) => ({ slot, trustedAtMs }));
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<void> {
    const { leases, clock } = this.#options;
    // Before asking: by the time the answer is read, a worker that slept may have lost them.
    const askedAtMs = clock.nowMs();
    const { slots, isWanted, taken } = await leases.renew();
    this.#renewedAtMs = askedAtMs;
    this.#isWanted = isWanted;
    this.#free = leases.callsInFlight - taken;
    const renewed = new Set(slots);
    for (const lease of [...this.#running.keys(), ...this.#idle]) {
      if (lease.slot === null) continue;
      if (renewed.has(lease.slot)) lease.trustedAtMs = Math.max(lease.trustedAtMs, askedAtMs);
      // One that was taken meanwhile may be missing in the answer.
      else if (lease.trustedAtMs < askedAtMs) lease.slot = null;
    }
  }

  async #giveBackIdle(): Promise<void> {
    const slots = this.#idle.splice(0).flatMap(({ slot }) => (slot === null ? [] : [slot]));
    if (slots.length > 0) await this.#options.leases.giveBack(slots);
  }

  /** Until there may be more to do, or a renewal is due. */
  async #sleep(): Promise<void> {
    const { clock, nextDueAtMs } = this.#options;
    const nowMs = clock.nowMs();
    const nextAtMs = [this.#renewedAtMs + RENEW_MS, this.#nextLookAtMs, nextDueAtMs() ?? 0];
    const untilMs = Math.min(nowMs + RENEW_MS, ...nextAtMs.filter((atMs) => atMs > nowMs));
    await clock.wait(untilMs - nowMs, this.#awake.signal);
  }
}

/** Not all at the same moment. */
function lookMs(): number {
  return LOOK_MS * (0.8 + 0.4 * Math.random());
}
