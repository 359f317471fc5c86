import { setTimeout as sleep } from "node:timers/promises";
import type { Destination, DestinationUser, ImportOutcome } from "../../destinations/destination.ts";
import { adoptedAmong, keepBeforeImage } from "../../ledger/before-images.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { confirmClaim, type Settlement, type WorkRange } from "../../ledger/work-items.ts";
import type { Migration } from "../../migration.ts";
import type { Blocked } from "../../workflows/contract.ts";
import { blocked } from "../blocked.ts";
import type { DestinationSlots } from "../destination-slots.ts";
import { CLAIM_TRUST_MS, LEDGER_TIMEOUT_MS, type Operation, type Pulse } from "../pulse.ts";
import { type FinalOutcome, putBack, settlementOf, withoutAnswer } from "./settlement.ts";
import type { ReadyItem } from "./supply.ts";

/** One import is at most a look-up, a create, two more look-ups and an adoption. */
const CALLS_PER_IMPORT = 5;
/** An answer that cannot be understood is looked up this often, with growing waits, before the item fails. */
const MAX_UNCLEAR_ANSWERS = 8;
const FIRST_UNCLEAR_WAIT_MS = 500;
const MAX_UNCLEAR_WAIT_MS = 8_000;

export interface SendOptions {
  ledger: Ledger;
  destination: Destination;
  slots: DestinationSlots;
  migration: Migration;
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
export async function sendItem(options: SendOptions, item: ReadyItem): Promise<Sent> {
  // True as long as a call may have taken effect of which no clear answer is known.
  let inDoubt = item.inDoubt;
  const { slots, destination, signal } = options;
  const kinds = destination.importKinds;
  const isTrusted = trustedClaim(options, item);
  try {
    await slots.due(kinds, item.slot);
    for (let unclear = 0; ; await slots.next(kinds)) {
      await isTrusted();
      const wasInDoubt = inDoubt;
      inDoubt = true;
      const outcome = await callDestination(options, item, wasInDoubt);
      switch (outcome.kind) {
        case "slow_down":
          inDoubt = wasInDoubt;
          await slots.block(kinds, outcome.retryAfterMs);
          continue;
        case "access_lost":
          return {
            settlement: putBack(item.ordinal, wasInDoubt),
            stop: { blocked: blocked("access_lost_destination", { detail: outcome.code }) },
          };
        case "unknown":
          unclear += 1;
          if (unclear >= MAX_UNCLEAR_ANSWERS)
            return { settlement: withoutAnswer(item.ordinal, `${outcome.code}: ${outcome.message}`) };
          await sleep(unclearWaitMs(unclear, outcome.retryAfterMs), undefined, { signal });
          continue;
        default:
          return {
            settlement: settlementOf(
              item.ordinal,
              await recognise(options, item, outcome, wasInDoubt),
              item.recordHash,
            ),
          };
      }
    }
  } catch (error) {
    const settlement = putBack(item.ordinal, inDoubt);
    return signal.aborted ? { settlement } : { settlement, stop: { error } };
  }
}

/** An adoption whose answer was lost shows as an account that carries our key. */
async function recognise(
  { ledger, range }: SendOptions,
  item: ReadyItem,
  outcome: FinalOutcome,
  wasInDoubt: boolean,
): Promise<FinalOutcome> {
  if (!wasInDoubt || (outcome.kind !== "already_there" && outcome.kind !== "created")) return outcome;
  const adopted = await ledger.read((db) => adoptedAmong(db, range.migrationId, [item.sub]));
  return adopted.has(item.sub) ? { ...outcome, kind: "adopted" } : outcome;
}

function unclearWaitMs(unclear: number, retryAfterMs: number): number {
  return Math.max(retryAfterMs, Math.min(FIRST_UNCLEAR_WAIT_MS * 2 ** (unclear - 1), MAX_UNCLEAR_WAIT_MS));
}

/** A claim that was not looked at for long is confirmed before its call: another attempt may hold it by now. */
function trustedClaim({ ledger, range, pulse }: SendOptions, item: ReadyItem): () => Promise<void> {
  let trustedAtMs = item.claimedAtMs;
  return async () => {
    if (Date.now() - trustedAtMs <= CLAIM_TRUST_MS) return;
    await pulse.during(LEDGER_TIMEOUT_MS, () =>
      ledger.read((db) => confirmClaim(db, range, item.ordinal, pulse.fence)),
    );
    trustedAtMs = Date.now();
  };
}

function callDestination(options: SendOptions, item: ReadyItem, inDoubt: boolean): Promise<ImportOutcome> {
  const { ledger, destination, slots, migration, range, pulse, signal } = options;
  const request = {
    record: item.record,
    firstClaimedAtMs: item.firstClaimedAtMs,
    inDoubt,
    onExisting: migration.users.onExisting,
    beforeAdopt: (image: DestinationUser) =>
      ledger.write((tx) => keepBeforeImage(tx, range.migrationId, item.sub, image)),
  };
  const waitForSlot = (operation: Operation) => async (kinds: Parameters<DestinationSlots["next"]>[0]) => {
    operation.pause();
    await slots.next(kinds);
    operation.resume();
  };
  return pulse.during(destination.callTimeoutMs * CALLS_PER_IMPORT, (operation) =>
    destination.importUser(request, waitForSlot(operation), signal),
  );
}
