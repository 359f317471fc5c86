import type { RunRef } from "../../domain/contract.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { step } from "../../engine/steps.ts";
import { closeEarlier } from "../../ledger/queue-reopening.ts";
import type { Deps } from "../deps.ts";

/** Keeps each transaction far under 250 ms. */
const SLICE_ITEMS = 2_000;

/**
 * A run begins by closing the queues of those before: nothing that they planned is sent any more, and what they were
 * sending is in doubt.
 */
export async function closeEarlierRuns({ ledger }: Deps, run: RunRef, pulse: Pulse): Promise<void> {
  for (let closed = SLICE_ITEMS; closed > 0; ) {
    pulse.throwIfCancelled();
    closed = await step({ ledger, pulse }, (tx) => closeEarlier(tx, run, SLICE_ITEMS));
  }
}
