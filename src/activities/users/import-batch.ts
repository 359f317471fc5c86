import { setTimeout as sleep } from "node:timers/promises";
import type { Destination, ImportOutcome, WaitForSlot } from "../../destinations/destination.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { phaseCounts } from "../../ledger/phase-counts.ts";
import {
  confirmClaim,
  rangeCounts,
  recentFailures,
  type Settlement,
  type WorkRange,
} from "../../ledger/work-items.ts";
import type { CallKind, Migration } from "../../migration.ts";
import { recordHash, toRecord, withoutFields } from "../../plan/record.ts";
import type { BatchComplete, Blocked } from "../../workflows/contract.ts";
import { blocked, tooManyFailures } from "../blocked.ts";
import { countOutcomes } from "../metrics.ts";
import { destinationPaceKey } from "../pace-keys.ts";
import type { Pacer, Slot } from "../pacer.ts";
import { CLAIM_TRUST_MS, type Operation, type Pulse } from "../pulse.ts";
import { OutcomeWriter } from "./outcome-writer.ts";
import { putBack, settlementOf, withoutAnswer } from "./settlement.ts";
import { type ReadyItem, Supply } from "./supply.ts";

/** A ledger that is locked is waited for this long by the ledger itself. */
const LEDGER_TIMEOUT_MS = 40_000;
/** One import is at most a create and the look-ups that follow it. */
const CALLS_PER_IMPORT = 4;
/** An answer that cannot be understood is looked up this often, with growing waits, before the item fails. */
const MAX_UNCLEAR_ANSWERS = 8;
const MAX_UNCLEAR_WAIT_MS = 8_000;
/** More than a fifth of the last outcomes failing alike is no matter of single users: the run parks. */
const JUDGED_OUTCOMES = 50;
const MAX_ALIKE = 10;

export interface BatchOptions {
  ledger: Ledger;
  pacer: Pacer;
  destination: Destination;
  migration: Migration;
  range: WorkRange;
  acceptedFailures: readonly string[];
  pulse: Pulse;
}

/** Sends one range: claim, call, settle; ends when nothing of the range is open, or when the run has to stop. */
export class ImportBatch {
  readonly #options: BatchOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #writer: OutcomeWriter;
  #supply: Supply | undefined;
  #blocked: Blocked | undefined;
  #error: unknown;

  constructor(options: BatchOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.pulse.signal, this.#stop.signal]);
    this.#writer = new OutcomeWriter({
      ledger: options.ledger,
      range: options.range,
      fence: options.pulse.fence,
      onWritten: (settlements) => this.#afterWrite(settlements),
      onError: (error) => this.#fail(error),
    });
  }

  async run(): Promise<BatchComplete | Blocked> {
    const { ledger, range, destination, pulse } = this.#options;
    const before = await ledger.read((db) => rangeCounts(db, range));
    const supply = this.#makeSupply(before.pending + before.sending);
    this.#supply = supply;
    this.#showCounts(before.done + before.skipped, before.failed, before);
    const senders = Array.from({ length: destination.concurrency }, () => this.#sender(supply));
    await Promise.all(senders);
    for (const item of await supply.unsent()) this.#writer.add(putBack(item.ordinal, item.inDoubt));
    await pulse.during(LEDGER_TIMEOUT_MS, () => this.#writer.drain()).catch((error) => this.#fail(error));
    if (this.#blocked !== undefined) return this.#blocked;
    if (this.#error !== undefined) throw this.#error;
    pulse.throwIfCancelled();
    return this.#conclude();
  }

  #makeSupply(open: number): Supply {
    const { ledger, pacer, destination, range, pulse } = this.#options;
    return new Supply({
      ledger,
      pacer,
      range,
      fence: pulse.fence,
      paceKeys: this.#keys(destination.importKinds),
      groupSize: destination.concurrency,
      open,
      signal: this.#signal,
      prepare: (sub, attributes) => this.#prepare(sub, attributes),
    });
  }

  #prepare(sub: string, attributes: Readonly<Record<string, string>>) {
    const { destination, migration } = this.#options;
    const full = toRecord(sub, attributes, migration.attributes);
    const refused = destination.recordProblems(full).map((problem) => problem.attribute);
    const record = withoutFields(full, refused);
    return { record, recordHash: recordHash(record) };
  }

  async #sender(supply: Supply): Promise<void> {
    try {
      while (!this.#signal.aborted) {
        const item = await supply.next();
        if (item === null) return;
        if (this.#signal.aborted) this.#writer.add(putBack(item.ordinal, item.inDoubt));
        else await this.#send(item);
      }
    } catch (error) {
      if (!this.#signal.aborted) this.#fail(error);
    }
  }

  /** Sends until the item is settled or the batch stops; whatever happens, the item gets exactly one settlement. */
  async #send(item: ReadyItem): Promise<void> {
    const { ledger, range, pulse } = this.#options;
    let { inDoubt, slot, claimedAtMs } = item;
    let unclear = 0;
    try {
      for (;;) {
        slot = await this.#dueSlot(slot);
        if (Date.now() - claimedAtMs > CLAIM_TRUST_MS) {
          await pulse.during(LEDGER_TIMEOUT_MS, () =>
            ledger.read((db) => confirmClaim(db, range, item.ordinal, pulse.fence)),
          );
          claimedAtMs = Date.now();
        }
        // From here on a call may take effect, until an answer says that it did not.
        const wasInDoubt = inDoubt;
        inDoubt = true;
        const outcome = await this.#call(item, wasInDoubt);
        if (outcome.kind === "slow_down") {
          inDoubt = wasInDoubt;
          await this.#block(outcome.retryAfterMs);
        } else if (outcome.kind === "unknown") {
          unclear += 1;
          if (unclear >= MAX_UNCLEAR_ANSWERS) {
            this.#writer.add(withoutAnswer(item.ordinal, `${outcome.code}: ${outcome.message}`));
            return;
          }
          const backoffMs = Math.min(250 * 2 ** unclear, MAX_UNCLEAR_WAIT_MS);
          await this.#wait(Math.max(outcome.retryAfterMs, backoffMs));
        } else if (outcome.kind === "access_lost") {
          this.#park(blocked("access_lost_destination", { detail: outcome.code }));
          this.#writer.add(putBack(item.ordinal, wasInDoubt));
          return;
        } else {
          await this.#keepBeforeImage(item, outcome);
          this.#writer.add(settlementOf(item.ordinal, outcome, item.recordHash));
          return;
        }
        slot = await this.#freshSlot(this.#options.destination.importKinds);
      }
    } catch (error) {
      this.#writer.add(putBack(item.ordinal, inDoubt));
      if (!this.#signal.aborted) this.#fail(error);
    }
  }

  #call(item: ReadyItem, inDoubt: boolean): Promise<ImportOutcome> {
    const { destination, migration, pulse } = this.#options;
    return pulse.during(destination.callTimeoutMs * CALLS_PER_IMPORT, (operation) =>
      destination.importUser(
        {
          record: item.record,
          firstClaimedAtMs: item.firstClaimedAtMs,
          inDoubt,
          onExisting: migration.users.onExisting,
        },
        this.#waitForSlot(operation),
        this.#signal,
      ),
    );
  }

  #waitForSlot(operation: Operation): WaitForSlot {
    return async (kinds) => {
      operation.pause();
      await this.#dueSlot(await this.#freshSlot(kinds), kinds);
      operation.resume();
    };
  }

  async #freshSlot(kinds: readonly CallKind[]): Promise<Slot> {
    const [slot] = await this.#options.pacer.take(this.#keys(kinds), 1, this.#signal);
    if (slot === undefined) throw new Error("The pacer granted nothing.");
    return slot;
  }

  /** Waits until the slot is due; a slot that became void meanwhile is taken anew. */
  async #dueSlot(slot: Slot, kinds = this.#options.destination.importKinds): Promise<Slot> {
    let current = slot;
    while (!(await this.#options.pacer.due(current, this.#signal))) current = await this.#freshSlot(kinds);
    return current;
  }

  async #block(forMs: number): Promise<void> {
    const { pacer, destination, pulse } = this.#options;
    await pulse.during(LEDGER_TIMEOUT_MS, () => pacer.block(this.#keys(destination.importKinds), forMs));
  }

  async #wait(forMs: number): Promise<void> {
    await sleep(forMs, undefined, { signal: this.#signal });
  }

  /** Undo restores it, so it is in the ledger before the adoption counts as done. */
  async #keepBeforeImage(item: ReadyItem, outcome: ImportOutcome): Promise<void> {
    if (outcome.kind !== "adopted") return;
    const { ledger, range } = this.#options;
    await ledger.write((tx) =>
      tx
        .insertInto("before_images")
        .values({
          migration_id: range.migrationId,
          sub: item.sub,
          destination_id: outcome.destinationId,
          image: JSON.stringify(outcome.beforeImage),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }

  async #afterWrite(settlements: readonly Settlement[]): Promise<void> {
    countOutcomes(settlements);
    for (const settlement of settlements) {
      if (settlement.state === "done" || settlement.state === "skipped") this.#done += 1;
      if (settlement.state === "failed") this.#failed += 1;
    }
    this.#options.pulse.show({ done: this.#done, failed: this.#failed, of: this.#of });
    if (settlements.some((settlement) => settlement.state === "failed")) await this.#judge();
  }

  #done = 0;
  #failed = 0;
  #of = 0;

  #showCounts(done: number, failed: number, all: Readonly<Record<string, number>>): void {
    this.#done = done;
    this.#failed = failed;
    this.#of = Object.values(all).reduce((sum, n) => sum + n, 0);
    this.#options.pulse.show({ done, failed, of: this.#of });
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

  async #conclude(): Promise<BatchComplete> {
    const { ledger, range } = this.#options;
    const { counts, totals } = await ledger.read(async (db) => ({
      counts: await rangeCounts(db, range),
      totals: await phaseCounts(db, range.migrationId, range.phase),
    }));
    if (counts.pending + counts.sending > 0) throw new RangeStillOpenError();
    const { pending, done, failed, skipped } = totals;
    return { status: "complete", totals: { done, failed, skipped, of: pending + done + failed + skipped } };
  }

  #keys(kinds: readonly CallKind[]): string[] {
    return kinds.map((kind) => destinationPaceKey(this.#options.destination, kind));
  }
}

/** Another attempt holds items of this range: tried again until they are settled. */
export class RangeStillOpenError extends Error {
  override readonly name = "RangeStillOpenError";
}
