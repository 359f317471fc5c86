import type { Destination } from "../../destinations/destination.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import {
  rangeCounts,
  recentFailures,
  type Settlement,
  type StateCounts,
  type WorkRange,
} from "../../ledger/work-items.ts";
import type { Blocked } from "../../workflows/contract.ts";
import { tooManyFailures } from "../blocked.ts";
import { DestinationSlots } from "../destination-slots.ts";
import { countOutcomes } from "../metrics.ts";
import type { Pacer } from "../pacer.ts";
import { LEDGER_TIMEOUT_MS, type Pulse } from "../pulse.ts";
import { OutcomeWriter } from "./outcome-writer.ts";
import { sendItem } from "./send-item.ts";
import { putBack } from "./settlement.ts";
import { Supply } from "./supply.ts";
import type { Work } from "./work.ts";

/** Claims are made for this many times the calls in flight; the pace grants them no further ahead than its horizon. */
const GROUPS_AHEAD = 4;
/** More than a fifth of the last outcomes failing alike is no matter of single users: the run parks. */
const JUDGED_OUTCOMES = 50;
const MAX_ALIKE = 10;

export interface BatchOptions<Payload> {
  ledger: Ledger;
  pacer: Pacer;
  destination: Destination;
  work: Work<Payload>;
  range: WorkRange;
  acceptedFailures: readonly string[];
  pulse: Pulse;
}

/** Another attempt holds items of this range: tried again until they are settled. */
export class RangeStillOpenError extends Error {
  override readonly name = "RangeStillOpenError";
}

/**
 * Sends one range: claim, call, settle. Resolves with null when nothing of the range is open any more, or with the
 * reason why the run has to stop.
 */
export async function sendBatch<Payload>(options: BatchOptions<Payload>): Promise<Blocked | null> {
  const { ledger, range, pulse } = options;
  const batch = new Batch(options, await ledger.read((db) => rangeCounts(db, range)));
  const stopped = await batch.run();
  if (stopped !== null) return stopped;
  pulse.throwIfCancelled();
  const counts = await ledger.read((db) => rangeCounts(db, range));
  if (counts.pending + counts.sending > 0) throw new RangeStillOpenError();
  return null;
}

class Batch<Payload> {
  readonly #options: BatchOptions<Payload>;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #slots: DestinationSlots;
  readonly #writer: OutcomeWriter;
  readonly #counts: StateCounts;
  #blocked: Blocked | null = null;
  #error: unknown;

  constructor(options: BatchOptions<Payload>, counts: StateCounts) {
    const { ledger, pacer, destination, range, pulse } = options;
    this.#options = options;
    this.#counts = counts;
    this.#signal = AbortSignal.any([pulse.signal, this.#stop.signal]);
    this.#slots = new DestinationSlots(pacer, destination, this.#signal);
    this.#writer = new OutcomeWriter({
      ledger,
      range,
      fence: pulse.fence,
      onWritten: (settlements) => this.#afterWrite(settlements),
      onError: (error) => this.#fail(error),
    });
  }

  async run(): Promise<Blocked | null> {
    const { work, pulse } = this.#options;
    this.#show();
    const supply = this.#supply();
    const senders = Array.from({ length: work.concurrency }, () => this.#sendAll(supply));
    await Promise.all(senders);
    for (const item of await supply.unsent()) this.#writer.add(putBack(item.ordinal, item.inDoubt));
    await pulse.during(LEDGER_TIMEOUT_MS, () => this.#writer.drain()).catch((error) => this.#fail(error));
    if (this.#blocked !== null) return this.#blocked;
    if (this.#error !== undefined) throw this.#error;
    return null;
  }

  #supply(): Supply<Payload> {
    const { ledger, destination, work, range, pulse } = this.#options;
    return new Supply({
      ledger,
      range,
      fence: pulse.fence,
      reserve: (wanted) => this.#slots.reserve(work.kinds ?? destination.writeKinds, wanted),
      due: (slot) => this.#slots.due(work.kinds ?? destination.writeKinds, slot),
      groupSize: work.claimsSingly ? 1 : work.concurrency * GROUPS_AHEAD,
      open: this.#counts.pending + this.#counts.sending,
      signal: this.#signal,
      prepare: (items) => work.prepare(items),
    });
  }

  async #sendAll(supply: Supply<Payload>): Promise<void> {
    const options = { ...this.#options, slots: this.#slots, signal: this.#signal };
    try {
      for (;;) {
        if (this.#signal.aborted) return;
        const item = await supply.next();
        if (item === null) return;
        const { settlement, stop } = await sendItem(options, item);
        this.#writer.add(settlement);
        if (stop !== undefined && "blocked" in stop) this.#park(stop.blocked);
        if (stop !== undefined && "error" in stop) this.#fail(stop.error);
      }
    } catch (error) {
      if (!this.#signal.aborted) this.#fail(error);
    }
  }

  async #afterWrite(settlements: readonly Settlement[]): Promise<void> {
    countOutcomes(settlements);
    for (const { state } of settlements) {
      if (state === "pending") continue;
      this.#counts[state] += 1;
      this.#counts.pending -= 1;
    }
    this.#show();
    if (settlements.some(({ state }) => state === "failed")) await this.#judge();
  }

  #show(): void {
    const { pending, sending, done, failed, skipped } = this.#counts;
    this.#options.pulse.show({ done, failed, skipped, of: pending + sending + done + failed + skipped });
  }

  /** Never burn through the pool: many failures alike stop the run while it is running. */
  async #judge(): Promise<void> {
    const { ledger, range, acceptedFailures } = this.#options;
    const failures = await ledger.read((db) =>
      recentFailures(db, range.migrationId, range.phase, JUDGED_OUTCOMES),
    );
    for (const [code, count] of failures)
      if (count > MAX_ALIKE && !acceptedFailures.includes(code)) this.#park(tooManyFailures(code, count));
  }

  #park(reason: Blocked): void {
    this.#blocked ??= reason;
    this.#stop.abort();
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#stop.abort();
  }
}
