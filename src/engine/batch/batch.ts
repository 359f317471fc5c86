import { blocked, tooManyFailures } from "../../domain/blocked.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { Settlement } from "../../ledger/queue.ts";
import type { StateCounts } from "../../ledger/queue-questions.ts";
import type { Clock } from "../clock.ts";
import type { CallSlots } from "../destination-slots.ts";
import { LEDGER_TIMEOUT_MS } from "../heartbeat.ts";
import { Lanes, type Lease, type Leases } from "./lanes.ts";
import { LastOutcomes } from "./last-outcomes.ts";
import { OutcomeWriter } from "./outcome-writer.ts";
import type { BatchPulse, Queue } from "./queue.ts";
import { type SendOptions, type Sent, sendEntries } from "./send-entries.ts";
import { type PutOff, putBack, putOff, settlementOf, withoutAnswer } from "./settlement.ts";
import { UnwantedError } from "./still-wanted.ts";
import { Supply } from "./supply.ts";
import type { Entry, Work } from "./work.ts";

/** An item is tried so often without an answer that can be understood, with growing waits, before it fails. */
const MAX_UNCLEAR_ANSWERS = 8;
/** An item that is put off again and again fails with that try. */
const MAX_PUT_OFF = 8;
const FIRST_UNCLEAR_WAIT_MS = 500;
const MAX_UNCLEAR_WAIT_MS = 8_000;
/** More than a fifth of the last outcomes failing alike is no matter of single users: the run parks. */
const JUDGED_OUTCOMES = 50;
const MAX_ALIKE = 1 / 5;

export interface BatchOptions<Record> {
  work: Work<Record>;
  queue: Queue;
  leases: Leases;
  /** Everything of them rejects when the signal aborts. */
  slotsFor: (signal: AbortSignal) => CallSlots;
  callTimeoutMs: number;
  clock: Clock;
  /** By the ledger's clock. */
  ledgerNowMs: () => number;
  pulse: BatchPulse;
  acceptedFailures: readonly string[];
  /** Hears of each call that the destination asked to slow down for, or did not answer clearly. */
  onTrouble: (kind: "slow_down" | "unknown") => void;
  /** Hears of outcomes that are in the ledger. */
  onOutcomes: (settlements: readonly Settlement[]) => void;
}

/** Another attempt holds items of this range: tried again until they are settled. */
export class RangeStillOpenError extends Error {
  override readonly name = "RangeStillOpenError";
}

/**
 * Sends what is open of a range. Resolves with null when nothing of it is open any more, or with the reason why the run
 * has to stop.
 */
export async function runBatch<Record>(options: BatchOptions<Record>): Promise<Blocked | null> {
  const { queue, pulse } = options;
  const stopped = await new Batch(options, await queue.counts()).run();
  if (stopped !== null) return stopped;
  pulse.throwIfCancelled();
  const { pending, sending } = await queue.counts();
  if (pending + sending > 0) throw new RangeStillOpenError();
  return null;
}

class Batch<Record> {
  readonly #options: BatchOptions<Record>;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #slots: CallSlots;
  readonly #supply: Supply<Record>;
  readonly #lanes: Lanes;
  readonly #sending: SendOptions<Record>;
  readonly #writer: OutcomeWriter;
  readonly #counts: StateCounts;
  /** A call's refusals may be known before the rest of its outcomes. */
  readonly #judged: number;
  readonly #last: LastOutcomes;
  #blocked: Blocked | null = null;
  #error: unknown;
  #held: Error | null = null;

  constructor(options: BatchOptions<Record>, counts: StateCounts) {
    const { work, queue, leases, slotsFor, callTimeoutMs, clock, ledgerNowMs, pulse } = options;
    this.#options = options;
    this.#counts = counts;
    this.#judged = Math.max(JUDGED_OUTCOMES, work.sender.itemsPerCall);
    this.#last = new LastOutcomes(this.#judged);
    const signal = AbortSignal.any([pulse.signal, this.#stop.signal]);
    const slots = slotsFor(signal);
    const onError = (error: unknown) => this.#fail(error);
    const isDurable = work.claimsSingly ?? false;
    this.#writer = new OutcomeWriter({
      settle: (group) => queue.settle(group, isDurable),
      onError,
      onWritten: (group) => this.#afterWrite(group),
    });
    const supply: Supply<Record> = new Supply({
      queue,
      work,
      clock,
      ledgerNowMs,
      reserve: (wanted) => slots.reserve(wanted),
      due: (slot) => slots.due(slot, "write"),
      lanes: () => lanes.size,
      open: counts.pending + counts.sending,
      signal,
      onSettled: (settlement) => this.#writer.add(settlement),
      onReady: () => lanes.wake(),
    });
    const lanes: Lanes = new Lanes({
      leases,
      clock,
      signal,
      callsToMake: () => supply.callsToMake(),
      nextDueAtMs: () => supply.nextDueAtMs,
      isOver: () => supply.isOver(),
      lane: (lease) => this.#lane(lease),
      onError,
    });
    const takeSlot = () => supply.takeSlot();
    this.#sending = { work, pulse, callTimeoutMs, queue, slots, lanes, clock, ledgerNowMs, signal, takeSlot };
    this.#signal = signal;
    this.#slots = slots;
    this.#supply = supply;
    this.#lanes = lanes;
  }

  async run(): Promise<Blocked | null> {
    const { pulse } = this.#options;
    this.#show();
    await this.#lanes.run();
    for (const entry of await this.#supply.leave()) this.#putBack(entry, entry.inDoubt);
    await pulse.during(LEDGER_TIMEOUT_MS, () => this.#writer.drain()).catch((error) => this.#fail(error));
    if (this.#blocked !== null) return this.#blocked;
    if (this.#error !== undefined) throw this.#error;
    if (this.#held !== null) throw this.#held;
    return null;
  }

  /** One call after the other. */
  async #lane(lease: Lease): Promise<void> {
    try {
      while (!this.#signal.aborted && !this.#lanes.isSurplus()) {
        const entries = this.#supply.take();
        if (entries.length > 0) await this.#send(entries, lease);
        else if (!(await this.#supply.refilled())) return;
      }
    } catch (error) {
      if (!this.#signal.aborted) this.#fail(error);
    }
  }

  async #send(taken: readonly Entry<Record>[], lease: Lease): Promise<void> {
    let sent: Sent<Record>[];
    try {
      sent = await sendEntries(this.#sending, taken, lease);
    } catch (error) {
      if (error instanceof UnwantedError) return this.#sort(taken, error);
      for (const entry of taken) this.#putBack(entry, entry.inDoubt);
      throw error;
    }
    const again: Entry<Record>[] = [];
    let blockMs: number | null = null;
    for (const { entry, outcome, wasInDoubt } of sent) {
      const { claimed, fingerprint } = entry;
      switch (outcome.kind) {
        case "unknown":
          this.#options.onTrouble("unknown");
          this.#putAside(entry, outcome);
          break;
        case "too_early":
          this.#supply.putAside(entry, outcome.retryAfterMs);
          break;
        case "slow_down":
          blockMs = Math.max(blockMs ?? 0, outcome.retryAfterMs);
          again.push(Object.assign(entry, { inDoubt: wasInDoubt }));
          break;
        case "not_sent":
          again.push(Object.assign(entry, { inDoubt: wasInDoubt }));
          break;
        case "put_off":
          this.#putOff(entry, outcome);
          break;
        case "access_lost":
          this.#putBack(entry, wasInDoubt);
          this.#park(blocked("access_lost_destination", { detail: outcome.code }));
          break;
        case "held":
          this.#putBack(entry, wasInDoubt);
          this.#held ??= outcome.error;
          this.#supply.claimNoMore();
          break;
        case "stopped":
          this.#putBack(entry, wasInDoubt);
          this.#fail(outcome.error);
          break;
        default:
          this.#writer.add(settlementOf(claimed, outcome, fingerprint));
      }
    }
    this.#supply.again(again);
    if (blockMs !== null) {
      this.#options.onTrouble("slow_down");
      await this.#slots.block(blockMs);
    }
    // Until then nobody else could know: with its lane, no more such items than calls in flight are lost track of.
    if (this.#options.work.claimsSingly) await this.#writer.written();
  }

  /** Of a call that was not made: those who are wanted no more end, and the others go without them. */
  #sort(taken: readonly Entry<Record>[], { outcomes }: UnwantedError): void {
    for (const entry of taken) {
      const { claimed, inDoubt } = entry;
      const outcome = outcomes.get(entry);
      // An earlier call may have taken effect: its doubt stays with the item.
      if (outcome !== undefined) this.#writer.add({ ...settlementOf(claimed, outcome, null), inDoubt });
    }
    this.#supply.again(taken.filter((entry) => !outcomes.has(entry)));
  }

  /** The lane goes on with other items meanwhile. */
  #putAside(entry: Entry<Record>, answer: { code: string; message: string; retryAfterMs: number }): void {
    entry.unclear += 1;
    if (entry.unclear >= MAX_UNCLEAR_ANSWERS)
      this.#writer.add(withoutAnswer(entry.claimed, `${answer.code}: ${answer.message}`));
    else this.#supply.putAside(entry, unclearWaitMs(entry.unclear, answer.retryAfterMs));
  }

  /** It is claimed no more, so that nobody doubts it, should this worker die. */
  #putOff({ claimed }: Entry<Record>, outcome: PutOff): void {
    const isLast = claimed.putOff + 1 >= MAX_PUT_OFF;
    this.#writer.add(
      isLast ? settlementOf(claimed, { ...outcome, kind: "rejected" }, null) : putOff(claimed, outcome),
    );
  }

  #putBack({ claimed }: Entry<Record>, inDoubt: boolean): void {
    this.#writer.add(putBack(claimed, inDoubt));
  }

  async #afterWrite(settlements: readonly Settlement[]): Promise<void> {
    this.#options.onOutcomes(settlements);
    for (const { state } of settlements) {
      if (state === "pending") continue;
      this.#counts[state] += 1;
      this.#counts.pending -= 1;
    }
    this.#show();
    // A group may hold more outcomes than are judged: those of this range are looked at one by one.
    for (const settlement of settlements)
      if (settlement.state !== "pending") this.#judge(this.#last.add(judgedCode(settlement)));
    if (settlements.some(({ state }) => state === "failed"))
      this.#judge(await this.#options.queue.recentFailures(this.#judged));
  }

  #show(): void {
    const { pending, sending, done, failed, skipped } = this.#counts;
    this.#options.pulse.show({ done, failed, skipped, of: pending + sending + done + failed + skipped });
  }

  /** Never burn through the pool: many failures alike, of this range or of all, stop the run while it is running. */
  #judge(failures: ReadonlyMap<string, number>): void {
    const { work, acceptedFailures } = this.#options;
    const { tooMany = tooManyFailures } = work;
    for (const [code, count] of failures)
      if (count > this.#judged * MAX_ALIKE && !acceptedFailures.includes(code))
        this.#park(tooMany(code, count, this.#judged));
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

/** Null for an outcome that is nobody's fault. */
function judgedCode({ state, code, message }: Settlement): string | null {
  return state === "failed" || (state === "skipped" && message !== null) ? code : null;
}

function unclearWaitMs(unclear: number, retryAfterMs: number): number {
  return Math.max(retryAfterMs, Math.min(FIRST_UNCLEAR_WAIT_MS * 2 ** (unclear - 1), MAX_UNCLEAR_WAIT_MS));
}
