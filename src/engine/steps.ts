import type { RunRef } from "../domain/contract.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../ledger/cursors.ts";
import type { Ledger, Tx } from "../ledger/ledger.ts";
import { LEDGER_TIMEOUT_MS, type Pulse, type WorkPulse } from "./heartbeat.ts";

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

const SHARE_MS = 60_000;

/** A share of a walk that only works in the ledger, a slice a step, from where it stands. Resolves with where it stands then. */
export async function walkShare(
  tools: { ledger: Ledger; pulse: Pulse },
  id: CursorId,
  slice: (tx: Tx, from: Cursor) => Promise<Cursor>,
): Promise<Cursor> {
  const { ledger, pulse } = tools;
  const until = performance.now() + SHARE_MS;
  let cursor = await takeCursor(ledger, id, pulse.fence);
  while (!cursor.done && performance.now() < until) {
    pulse.throwIfCancelled();
    const from: Cursor = cursor;
    cursor = await step(tools, async (tx) => {
      const next = await slice(tx, from);
      await moveCursor(tx, id, pulse.fence, next);
      return next;
    });
  }
  return cursor;
}
