import { blocked } from "../domain/blocked.ts";
import type { Blocked, RunRef } from "../domain/contract.ts";
import { cursorId } from "../engine/steps.ts";
import { readCursor } from "../ledger/cursors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { hasBegun } from "../ledger/redrive.ts";
import { standingOf } from "../ledger/runs.ts";

/** A walk of the run's own that something builds on. */
export type Base = "assess" | "snapshot" | "plan";

/**
 * Why nothing may be done for this run, going by the ledger; null for the newest run of a ledger that holds what it
 * builds on. A ledger that was restored has no provider and no queue of it: the gate would stand open, and every phase
 * would find nothing to do, and call that done.
 */
export async function standsInWay(ledger: Ledger, run: RunRef, base: Base | null): Promise<Blocked | null> {
  const standing = await ledger.read((db) => standingOf(db, run));
  if (standing === "overtaken") return blocked("run_overtaken");
  if (standing === "forgotten") return blocked("ledger_restored");
  // A redrive has the generation of the run before, and that one is the ledger's, whoever owns it.
  if (run.asksAgain && !(await ledger.read((db) => hasBegun(db, run)))) return blocked("ledger_restored");
  if (base === null) return null;
  const { done } = await readCursor(ledger, cursorId(run, base));
  return done ? null : blocked("ledger_restored");
}
