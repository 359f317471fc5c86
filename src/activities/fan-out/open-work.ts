import type { OpenWork, PhaseTotals, RunRef } from "../../domain/contract.ts";
import type { FanOutPhase, ItemPhase } from "../../domain/phases.ts";
import { phaseCounts } from "../../ledger/phase-counts.ts";
import { openRanges } from "../../ledger/queue-questions.ts";
import type { Deps } from "../deps.ts";

const MAX_RANGES = 100;

export interface OpenWorkInput {
  run: RunRef;
  phase: FanOutPhase;
  from: number;
  batchSize: number;
}

/** The next ranges with open items, from an ordinal on. */
export async function findOpenWork(deps: Deps, input: OpenWorkInput): Promise<OpenWork> {
  const { run, phase, from, batchSize } = input;
  const ranges = await deps.ledger.read((db) => openRanges(db, run, phase, from, batchSize, MAX_RANGES));
  return { status: "work", ranges, totals: await phaseTotals(deps, run, phase) };
}

export async function phaseTotals(deps: Deps, run: RunRef, phase: ItemPhase): Promise<PhaseTotals> {
  const { pending, done, failed, skipped } = await deps.ledger.read((db) => phaseCounts(db, run, phase));
  return { done, failed, skipped, of: pending + done + failed + skipped };
}
