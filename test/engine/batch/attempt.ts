import { expect } from "vitest";
import { runBatch } from "../../../src/engine/batch/batch.ts";
import { ledgerLeases } from "../../../src/engine/batch/ledger-leases.ts";
import { type BatchPulse, ledgerQueue } from "../../../src/engine/batch/queue.ts";
import type { Work } from "../../../src/engine/batch/work.ts";
import { MONOTONIC } from "../../../src/engine/clock.ts";
import { DestinationSlots, slotsByVerb } from "../../../src/engine/destination-slots.ts";
import { ledgerClock } from "../../../src/engine/ledger-clock.ts";
import { callsInFlightKey, destinationPaceKey } from "../../../src/engine/pace-keys.ts";
import { Pacer } from "../../../src/engine/pacer.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { setPace } from "../../../src/ledger/pace.ts";
import type { WorkRange } from "../../../src/ledger/queue.ts";

const DESTINATION = { kind: "many", environment: "env" };
const FAST = 1_000;

/** Calls that no test waits for. */
export async function setFastPace(ledger: Ledger): Promise<void> {
  for (const kind of ["writes", "reads", "calls"] as const)
    await ledger.write((tx) => setPace(tx, destinationPaceKey(DESTINATION, kind), FAST));
}

/** One attempt of one batch, as a worker's activity runs it, to its good end. */
export async function attempt<Record>(
  ledger: Ledger,
  range: WorkRange,
  work: Work<Record>,
  fence: number,
): Promise<void> {
  const pulse = pulseOf(fence);
  const pacer = new Pacer(ledger);
  const stopped = await runBatch({
    work,
    queue: ledgerQueue(ledger, range, pulse),
    leases: ledgerLeases(ledger, callsInFlightKey(DESTINATION, range.phase), work.sender, pulse),
    slotsFor: (signal) =>
      slotsByVerb(new DestinationSlots(pacer, DESTINATION, signal), {
        write: ["writes", "calls"],
        read: ["reads", "calls"],
      }),
    callTimeoutMs: 10_000,
    clock: MONOTONIC,
    ledgerNowMs: await ledgerClock(ledger),
    pulse,
    acceptedFailures: [],
    onTrouble: () => {},
    onOutcomes: () => {},
  });
  expect(stopped).toBeNull();
}

function pulseOf(fence: number): BatchPulse {
  return {
    fence,
    signal: new AbortController().signal,
    show: () => {},
    throwIfCancelled: () => {},
    during: (_, work) => work({ pause: () => {}, resume: () => {}, restart: () => {} }),
  };
}
