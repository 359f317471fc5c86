import { itemsPerCall } from "../../destinations/items-per-call.ts";
import type { OpenWork, PhaseTotals, RunRef } from "../../domain/contract.ts";
import type { FanOutPhase, ItemPhase } from "../../domain/phases.ts";
import { phaseCounts } from "../../ledger/phase-counts.ts";
import { openRanges } from "../../ledger/queue-questions.ts";
import { readMigration } from "../../ledger/runs.ts";
import type { Deps } from "../deps.ts";

const MAX_RANGES = 100;

export interface OpenWorkInput {
  run: RunRef;
  phase: FanOutPhase;
  from: number;
  batchSize: number;
}

/** The next ranges with open items, from an ordinal on: whole calls of them, about as many as a batch takes. */
export async function findOpenWork(
  deps: Pick<Deps, "ledger" | "destinationOf">,
  input: OpenWorkInput,
): Promise<OpenWork> {
  const { run, phase, from, batchSize } = input;
  const { file } = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const { [phase]: perCall } = itemsPerCall(deps.destinationOf(file.destination));
  const size = Math.ceil(batchSize / perCall) * perCall;
  const ranges = await deps.ledger.read((db) => openRanges(db, run, phase, from, size, MAX_RANGES));
  return { status: "work", ranges, totals: await phaseTotals(deps, run, phase) };
}

export async function phaseTotals(
  deps: Pick<Deps, "ledger">,
  run: RunRef,
  phase: ItemPhase,
): Promise<PhaseTotals> {
  const { pending, done, failed, skipped } = await deps.ledger.read((db) => phaseCounts(db, run, phase));
  return { done, failed, skipped, of: pending + done + failed + skipped };
}
