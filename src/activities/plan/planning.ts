import type { Destination } from "../../destinations/destination.ts";
import type { CursorId } from "../../ledger/cursors.ts";
import type { Ledger, Tx } from "../../ledger/ledger.ts";
import type { Migration } from "../../migration.ts";
import type { RunRef } from "../../workflows/contract.ts";
import { LEDGER_TIMEOUT_MS, type Pulse } from "../pulse.ts";

/** What one attempt of the plan phase works with. */
export interface Planning {
  ledger: Ledger;
  pulse: Pulse;
  run: RunRef;
  file: Migration;
  destination: Destination;
}

/** One slice of the plan: a transaction of its own, small enough that nobody waits for it. */
export function slice<T>({ ledger, pulse }: Planning, work: (tx: Tx) => Promise<T>): Promise<T> {
  pulse.throwIfCancelled();
  return pulse.during(LEDGER_TIMEOUT_MS, () => ledger.writeSoon(work));
}

export function cursorId({ run }: Planning, name: string): CursorId {
  return { migrationId: run.migrationId, generation: run.generation, name };
}
