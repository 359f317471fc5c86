import { duration } from "../domain/duration.ts";
import { PHASES, type Phase } from "../domain/phases.ts";
import type { LiveTotals } from "../ledger/live-totals.ts";
import { counted, grouped } from "./format.ts";
import { Rate } from "./rate.ts";

export type Totals = Partial<Record<Phase, LiveTotals>>;

/** Stands where a phase's name does. */
export const WHOLE_RUN = "whole run";

/** One phase as a line of progress, or the whole run, which has no bar. */
export interface Row {
  phase: Phase | typeof WHOLE_RUN;
  /** How many are through. */
  settled: number;
  /** 0 to 1; null while the total is not known. */
  share: number | null;
  /** "1,240 of 1,871, 12 failed, 140/s, 5 s left"; empty before the phase begins. */
  text: string;
}

/** Turns counts into rows; remembers how fast each phase goes. */
export class ProgressRows {
  readonly #rates = new Map(PHASES.map((phase) => [phase, new Rate()]));

  /** Of a run that stands still, how fast it was tells nothing of when it is through. */
  of(totals: Totals, phases: readonly Phase[] = PHASES, isStill = false, now = Date.now()): Row[] {
    return phases.map((phase) => this.#row(phase, totals[phase], isStill, now));
  }

  #row(phase: Phase, totals: LiveTotals | undefined, isStill: boolean, now: number): Row {
    if (totals === undefined) return { phase, settled: 0, share: 0, text: "" };
    const { done, failed, skipped, of } = totals;
    const settled = done + failed + skipped;
    const share = of === null ? null : of === 0 ? 1 : Math.min(1, settled / of);
    const isOver = share === 1;
    // How fast people set providers up tells nothing of when they are ready.
    const rate = phase === "credentials" ? null : (this.#rates.get(phase)?.of(settled, now) ?? null);
    const goesOn = !isOver && !isStill;
    const parts = [
      phase === "assess"
        ? counted(settled, "finding")
        : `${grouped(settled)}${of === null ? " so far" : ` of ${grouped(of)}`}`,
      failed > 0 ? `${grouped(failed)} failed` : "",
      skipped > 0 ? `${grouped(skipped)} skipped` : "",
      goesOn && rate !== null && rate > 0 ? `${rateText(rate)}/s` : "",
      goesOn && of !== null && rate !== null && rate > 0 ? `${duration((of - settled) / rate)} left` : "",
    ];
    return { phase, settled, share, text: parts.filter((part) => part !== "").join(", ") };
  }
}

/** Mails may be rarer than one a second. */
function rateText(rate: number): string {
  return rate < 1 ? String(Number(rate.toPrecision(1))) : grouped(rate);
}
