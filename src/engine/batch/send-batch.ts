import type { Destination } from "../../destinations/destination.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { WorkRange } from "../../ledger/queue.ts";
import { MONOTONIC } from "../clock.ts";
import { DestinationSlots, slotsByVerb } from "../destination-slots.ts";
import { ledgerClock } from "../ledger-clock.ts";
import { countOutage, countOutcomes, countThrottled } from "../metrics.ts";
import { callsInFlightKey } from "../pace-keys.ts";
import type { Pacer } from "../pacer.ts";
import { runBatch } from "./batch.ts";
import { ledgerLeases } from "./ledger-leases.ts";
import { type BatchPulse, ledgerQueue } from "./queue.ts";
import type { Work } from "./work.ts";

export interface SendBatchOptions<Record> {
  ledger: Ledger;
  pacer: Pacer;
  destination: Destination;
  work: Work<Record>;
  range: WorkRange;
  acceptedFailures: readonly string[];
  pulse: BatchPulse;
}

/**
 * Sends one range: claim, call, settle. Resolves with null when nothing of the range is open any more, or with the
 * reason why the run has to stop.
 */
export async function sendBatch<Record>(options: SendBatchOptions<Record>): Promise<Blocked | null> {
  const { ledger, pacer, destination, work, range, pulse, acceptedFailures } = options;
  const { facts, callTimeoutMs } = destination;
  const key = callsInFlightKey(destination, range.phase);
  return runBatch({
    work,
    queue: ledgerQueue(ledger, range, pulse),
    leases: ledgerLeases(ledger, key, work.sender, pulse),
    slotsFor: (signal) =>
      slotsByVerb(new DestinationSlots(pacer, destination, signal), {
        write: work.writeKinds ?? facts.slots.write,
        read: facts.slots.read,
      }),
    callTimeoutMs: work.callTimeoutMs ?? callTimeoutMs,
    clock: MONOTONIC,
    ledgerNowMs: await ledgerClock(ledger),
    pulse,
    acceptedFailures,
    onTrouble: (kind) => (kind === "slow_down" ? countThrottled : countOutage)("destination"),
    onOutcomes: countOutcomes,
  });
}
