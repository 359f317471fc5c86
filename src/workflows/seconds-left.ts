import type { PhaseTotals } from "../domain/contract.ts";
import { isItemPhase } from "../domain/phases.ts";
import { secondsOfItems } from "../domain/seconds-of-items.ts";
import type { State } from "./state.ts";

/** At least this long in the phase, at the present pace; null where nobody can know. */
export function secondsLeft(state: State): number | null {
  const { phase } = state;
  if (!isItemPhase(phase) || phase === "credentials") return null;
  const totals = state.totals[phase];
  const { pace, itemsPerCall } = state.opened ?? {};
  if (totals === undefined || totals.of === null || pace === undefined) return null;
  const left = totals.of - settled(totals);
  return Math.ceil(secondsOfItems(phase, left, pace, itemsPerCall));
}

/** Items that have ended, in whatever way. */
export function settled({ done, failed, skipped }: PhaseTotals): number {
  return done + failed + skipped;
}
