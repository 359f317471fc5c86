import { setTimeout as sleep } from "node:timers/promises";
import { CancelledFailure, Context } from "@temporalio/activity";
import { HEARTBEAT_TIMEOUT_MS } from "../workflows/contract.ts";

/** A claim older than this is confirmed before its call: another attempt may exist by then. */
export const CLAIM_TRUST_MS = HEARTBEAT_TIMEOUT_MS / 2;
/** The ledger waits by itself while it is locked; nothing it is asked takes longer than this. */
export const LEDGER_TIMEOUT_MS = 40_000;
const HEARTBEAT_INTERVAL_MS = 500;
/** Waits are cut into slices, so that a cancellation or a new pace is noticed. */
const SLICE_MS = 500;

export type HeartbeatDetails = Readonly<Record<string, number | string>>;

/** Something that may hang: a vendor's call or a question to the ledger. */
export interface Operation {
  /** Waiting for a slot is no hanging: the clock stands still until `resume`. */
  pause(): void;
  resume(): void;
}

/**
 * Proof of progress for one attempt. A timer heartbeats as long as no operation is past its time limit: an attempt
 * that hangs stops being alive to Temporal, whatever the event loop still does.
 */
export class Pulse {
  /** Grows over attempts, resets and continue-as-new: the fence of everything this attempt writes. */
  readonly fence: number;
  readonly signal: AbortSignal;
  readonly #context: Context;
  readonly #timer: NodeJS.Timeout;
  readonly #deadlines = new Map<Operation, number>();
  #details: HeartbeatDetails = {};

  constructor() {
    this.#context = Context.current();
    this.fence = this.#context.info.currentAttemptScheduledTimestampMs;
    this.signal = this.#context.cancellationSignal;
    this.#context.heartbeat(this.#details);
    this.#timer = setInterval(() => this.#tick(), HEARTBEAT_INTERVAL_MS);
  }

  /** What the Temporal UI shows for the pending activity: counts only. */
  show(details: HeartbeatDetails): void {
    this.#details = details;
  }

  /** Runs something that may hang; past `limitMs` the attempt is no longer heartbeated. */
  async during<T>(limitMs: number, work: (operation: Operation) => Promise<T>): Promise<T> {
    const start = () => this.#deadlines.set(operation, Date.now() + limitMs);
    const operation: Operation = { pause: () => this.#deadlines.delete(operation), resume: start };
    start();
    try {
      return await work(operation);
    } finally {
      this.#deadlines.delete(operation);
    }
  }

  /** Waits; rejects with CancelledFailure as soon as the attempt is cancelled. */
  async wait(forMs: number): Promise<void> {
    const until = Date.now() + forMs;
    this.throwIfCancelled();
    for (let left = forMs; left > 0; left = until - Date.now()) {
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
    const now = Date.now();
    for (const deadline of this.#deadlines.values()) if (now > deadline) return;
    this.#context.heartbeat(this.#details);
  }
}

/** Runs an activity's work with a pulse. */
export async function withPulse<T>(work: (pulse: Pulse) => Promise<T>): Promise<T> {
  const pulse = new Pulse();
  try {
    return await work(pulse);
  } finally {
    pulse.stop();
  }
}
