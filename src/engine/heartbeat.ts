import { setTimeout as sleep } from "node:timers/promises";
import { CancelledFailure, Context } from "@temporalio/activity";
import { HEARTBEAT_TIMEOUT_MS } from "../domain/contract.ts";

/** A claim older than this is confirmed before its call: another attempt may exist by then. */
export const CLAIM_TRUST_MS = HEARTBEAT_TIMEOUT_MS / 2;
/** The ledger waits by itself while it is locked; nothing it is asked takes longer than this. */
export const LEDGER_TIMEOUT_MS = 40_000;
const HEARTBEAT_INTERVAL_MS = 500;
/** Waits are cut into slices, so that a cancellation or a new pace is noticed. */
const SLICE_MS = 500;

export type HeartbeatDetails = Readonly<Record<string, number | string>>;

/** What Temporal tells an attempt, and hears of it. */
export interface Attempt {
  readonly info: { readonly currentAttemptScheduledTimestampMs: number; readonly heartbeatDetails?: unknown };
  readonly cancellationSignal: AbortSignal;
  heartbeat(details: HeartbeatDetails): void;
}

/** Something that may hang: a vendor's call or a question to the ledger. Its clock is monotonic. */
export interface Operation {
  /** Waiting for a slot is no hanging: the clock stands still until `resume`. */
  pause(): void;
  /** Goes on with what is left of the limit, however often it was paused: the limit holds for the whole work. */
  resume(): void;
  /** A call of its own begins: this limit, in full, takes the place of what was left. Also resumes. */
  restart(limitMs: number): void;
}

/** The clock of one operation. */
class Stopwatch implements Operation {
  #leftMs: number;
  #runningSinceMs: number | null = performance.now();

  constructor(limitMs: number) {
    this.#leftMs = limitMs;
  }

  pause(): void {
    this.#leftMs = this.#left(performance.now());
    this.#runningSinceMs = null;
  }

  resume(): void {
    this.#runningSinceMs ??= performance.now();
  }

  restart(limitMs: number): void {
    this.#leftMs = limitMs;
    this.#runningSinceMs = performance.now();
  }

  isOver(nowMs: number): boolean {
    return this.#left(nowMs) < 0;
  }

  #left(nowMs: number): number {
    return this.#runningSinceMs === null ? this.#leftMs : this.#leftMs - (nowMs - this.#runningSinceMs);
  }
}

/**
 * Proof of progress for one attempt. A timer heartbeats as long as no operation is past its time limit: an attempt
 * that hangs stops being alive to Temporal, whatever the event loop still does.
 */
export class Pulse {
  /** Grows over attempts, resets and continue-as-new: the fence of everything this attempt writes. */
  readonly fence: number;
  readonly signal: AbortSignal;
  /** What an earlier attempt showed last, as far as Temporal heard of it. */
  readonly earlier: HeartbeatDetails;
  readonly #attempt: Attempt;
  readonly #timer: NodeJS.Timeout;
  readonly #operations = new Set<Stopwatch>();
  #details: HeartbeatDetails;

  constructor(attempt: Attempt = Context.current()) {
    this.#attempt = attempt;
    this.fence = attempt.info.currentAttemptScheduledTimestampMs;
    this.signal = attempt.cancellationSignal;
    const { heartbeatDetails } = attempt.info;
    this.earlier = areDetails(heartbeatDetails) ? heartbeatDetails : {};
    this.#details = this.earlier;
    attempt.heartbeat(this.#details);
    this.#timer = setInterval(() => this.#tick(), HEARTBEAT_INTERVAL_MS);
  }

  /** What the Temporal UI shows for the pending activity: counts only. */
  show(details: HeartbeatDetails): void {
    this.#details = details;
  }

  /**
   * Runs something that may hang; past `limitMs` the attempt is no longer heartbeated. The limit is for all of `work`
   * together, without the time in which it is paused; work of several calls gives each its own with `restart`.
   */
  async during<T>(limitMs: number, work: (operation: Operation) => Promise<T>): Promise<T> {
    const operation = new Stopwatch(limitMs);
    this.#operations.add(operation);
    try {
      return await work(operation);
    } finally {
      this.#operations.delete(operation);
    }
  }

  /** Waits; rejects with CancelledFailure as soon as the attempt is cancelled. */
  async wait(forMs: number): Promise<void> {
    const untilMs = performance.now() + forMs;
    this.throwIfCancelled();
    for (let left = forMs; left > 0; left = untilMs - performance.now()) {
      await sleep(Math.min(left, SLICE_MS), undefined, { signal: this.signal }).catch(() => undefined);
      this.throwIfCancelled();
    }
  }

  throwIfCancelled(): void {
    if (this.signal.aborted) throw this.cancellation();
  }

  /** Why the attempt was cancelled, as Temporal wants to see it thrown. */
  cancellation(): CancelledFailure {
    const reason: unknown = this.signal.reason;
    return reason instanceof CancelledFailure ? reason : new CancelledFailure("CANCELLED");
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const operation of this.#operations) if (operation.isOver(nowMs)) return;
    this.#attempt.heartbeat(this.#details);
  }
}

function areDetails(value: unknown): value is HeartbeatDetails {
  return typeof value === "object" && value !== null && Object.values(value).every(isShown);
}

function isShown(value: unknown): boolean {
  return typeof value === "number" || typeof value === "string";
}

/** What work asks of the pulse of its attempt. */
export type WorkPulse = Pick<Pulse, "during" | "fence" | "show" | "signal" | "throwIfCancelled">;

/** Runs an activity's work with a pulse. */
export async function withPulse<T>(work: (pulse: Pulse) => Promise<T>): Promise<T> {
  const pulse = new Pulse();
  try {
    return await work(pulse);
  } finally {
    pulse.stop();
  }
}
