import type { RunRef } from "../domain/contract.ts";
import type { CursorId } from "../ledger/cursors.ts";
import type { Ledger, Tx } from "../ledger/ledger.ts";
import { LEDGER_TIMEOUT_MS, type WorkPulse } from "./heartbeat.ts";

/** The walk of this run with that name. */
export function cursorId({ migrationId, generation }: RunRef, name: string): CursorId {
  return { migrationId, generation, name };
}

/** One step of a walk: a transaction of its own, small enough that nobody waits for it. */
export function step<T>(
  { ledger, pulse }: { ledger: Ledger; pulse: Pick<WorkPulse, "during"> },
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return pulse.during(LEDGER_TIMEOUT_MS, () => ledger.writeSoon(work));
}
