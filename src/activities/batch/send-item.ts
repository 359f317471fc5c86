import { setTimeout as sleep } from "node:timers/promises";
import type { Destination } from "../../destinations/destination.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { confirmClaim, type Settlement, type WorkRange } from "../../ledger/work-items.ts";
import type { CallKind } from "../../migration.ts";
import type { Blocked } from "../../workflows/contract.ts";
import { blocked } from "../blocked.ts";
import type { DestinationSlots } from "../destination-slots.ts";
import type { Slot } from "../pacer.ts";
import { CLAIM_TRUST_MS, LEDGER_TIMEOUT_MS, type Operation, type Pulse } from "../pulse.ts";
import { putBack, settlementOf, withoutAnswer } from "./settlement.ts";
import type { ReadyItem } from "./supply.ts";
import type { Outcome, Work } from "./work.ts";

/** An answer that cannot be understood is looked up this often, with growing waits, before the item fails. */
const MAX_UNCLEAR_ANSWERS = 8;
const FIRST_UNCLEAR_WAIT_MS = 500;
const MAX_UNCLEAR_WAIT_MS = 8_000;

export interface SendOptions<Payload> {
  ledger: Ledger;
  destination: Destination;
  work: Work<Payload>;
  slots: DestinationSlots;
  range: WorkRange;
  pulse: Pulse;
  signal: AbortSignal;
}

/** What became of a claimed item: always one settlement; and why the whole batch has to stop, if it has to. */
export interface Sent {
  settlement: Settlement;
  stop?: { blocked: Blocked } | { error: unknown };
}

/** Sends one claimed item until it is settled, or puts it back when the batch stops. Never rejects. */
export async function sendItem<Payload>(
  options: SendOptions<Payload>,
  item: ReadyItem<Payload>,
): Promise<Sent> {
  const { slots, destination, work, signal } = options;
  const attempt = new ItemAttempt(options, item);
  try {
    for (let unclear = 0; ; ) {
      const wasInDoubt = attempt.inDoubt;
      const outcome = await attempt.send();
      switch (outcome.kind) {
        case "slow_down":
          attempt.inDoubt = wasInDoubt;
          await slots.block(work.kinds ?? destination.writeKinds, outcome.retryAfterMs);
          continue;
        case "access_lost":
          return {
            settlement: putBack(item.ordinal, wasInDoubt),
            stop: { blocked: blocked("access_lost_destination", { detail: outcome.code }) },
          };
        case "stopped":
          return { settlement: putBack(item.ordinal, wasInDoubt), stop: { error: outcome.error } };
        case "unknown":
          unclear += 1;
          if (unclear >= MAX_UNCLEAR_ANSWERS)
            return { settlement: withoutAnswer(item.ordinal, `${outcome.code}: ${outcome.message}`) };
          await sleep(unclearWaitMs(unclear, outcome.retryAfterMs), undefined, { signal });
          continue;
        default:
          return { settlement: settlementOf(item.ordinal, outcome, item.recordHash) };
      }
    }
  } catch (error) {
    const settlement = putBack(item.ordinal, attempt.inDoubt);
    return signal.aborted ? { settlement } : { settlement, stop: { error } };
  }
}

/** The tries of one claimed item: what they may have done, their slots, and whether the claim still holds. */
class ItemAttempt<Payload> {
  /** True as long as a call may have taken effect of which no clear answer is known. */
  inDoubt: boolean;
  readonly #options: SendOptions<Payload>;
  readonly #item: ReadyItem<Payload>;
  #slot: Slot | null;
  #trustedAtMs: number;

  constructor(options: SendOptions<Payload>, item: ReadyItem<Payload>) {
    this.#options = options;
    this.#item = item;
    this.inDoubt = item.inDoubt;
    this.#slot = item.slot;
    this.#trustedAtMs = item.claimedAtMs;
  }

  send(): Promise<Outcome> {
    const { destination, work, pulse, signal } = this.#options;
    const { inDoubt } = this;
    const { firstClaimedAtMs } = this.#item;
    return pulse.during(destination.callTimeoutMs * work.maxCallsPerItem, (operation) => {
      const waitForSlot = (kinds: readonly CallKind[]) => this.#waitForSlot(kinds, operation);
      return work.send(this.#item, { firstClaimedAtMs, inDoubt, waitForSlot, signal });
    });
  }

  async #waitForSlot(kinds: readonly CallKind[], operation: Operation): Promise<void> {
    const { slots, destination, work } = this.#options;
    const isWrite = kinds === (work.kinds ?? destination.writeKinds);
    operation.pause();
    const taken = isWrite ? this.#slot : null;
    if (isWrite) this.#slot = null;
    if (taken === null) await slots.next(kinds);
    else await slots.due(kinds, taken);
    await this.#confirmClaim();
    operation.resume();
    // A batch that stops makes no call any more, so nothing is in doubt.
    this.#options.signal.throwIfAborted();
    if (isWrite) this.inDoubt = true;
  }

  /** A claim that was not looked at for long is confirmed before its call: another attempt may hold it by now. */
  async #confirmClaim(): Promise<void> {
    const askedAtMs = Date.now();
    if (askedAtMs - this.#trustedAtMs <= CLAIM_TRUST_MS) return;
    const { ledger, range, pulse } = this.#options;
    await pulse.during(LEDGER_TIMEOUT_MS, () =>
      ledger.read((db) => confirmClaim(db, range, this.#item.ordinal, pulse.fence)),
    );
    this.#trustedAtMs = askedAtMs;
  }
}

function unclearWaitMs(unclear: number, retryAfterMs: number): number {
  return Math.max(retryAfterMs, Math.min(FIRST_UNCLEAR_WAIT_MS * 2 ** (unclear - 1), MAX_UNCLEAR_WAIT_MS));
}
