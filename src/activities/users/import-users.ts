import { phaseCounts } from "../../ledger/phase-counts.ts";
import { readMigration } from "../../ledger/runs.ts";
import { openRanges } from "../../ledger/work-items.ts";
import type {
  BatchInput,
  Blocked,
  OpenWork,
  PhaseTotals,
  Progress,
  RunRef,
} from "../../workflows/contract.ts";
import type { Deps } from "../deps.ts";
import type { Pulse } from "../pulse.ts";
import { importBatch } from "./import-batch.ts";

const MAX_RANGES = 100;

export interface OpenWorkInput {
  run: RunRef;
  phase: "users";
  from: number;
  batchSize: number;
}

/** The next ranges with open items, from an ordinal on. */
export async function findOpenWork(deps: Deps, input: OpenWorkInput): Promise<OpenWork> {
  const { run, phase, from, batchSize } = input;
  const ranges = await deps.ledger.read((db) =>
    openRanges(db, run.migrationId, phase, from, batchSize, MAX_RANGES),
  );
  return { status: "work", ranges, totals: await phaseTotals(deps, run, phase) };
}

/** Imports the open users of one range. */
export async function importUsers(deps: Deps, input: BatchInput, pulse: Pulse): Promise<Progress | Blocked> {
  const { run, phase, from, to, accepted } = input;
  const { file } = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const stopped = await importBatch({
    ledger: deps.ledger,
    pacer: deps.pacer,
    destination: deps.destinationOf(file.destination),
    migration: file,
    range: { migrationId: run.migrationId, phase, from, to },
    acceptedFailures: accepted,
    pulse,
  });
  return stopped ?? { status: "complete", totals: await phaseTotals(deps, run, phase) };
}

async function phaseTotals(deps: Deps, run: RunRef, phase: "users"): Promise<PhaseTotals> {
  const { pending, done, failed, skipped } = await deps.ledger.read((db) =>
    phaseCounts(db, run.migrationId, phase),
  );
  return { done, failed, skipped, of: pending + done + failed + skipped };
}
