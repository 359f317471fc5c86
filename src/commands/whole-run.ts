import { duration } from "../domain/duration.ts";
import { PHASES, type Phase } from "../domain/phases.ts";
import { type Row, type Totals, WHOLE_RUN } from "./progress-rows.ts";
import type { RunAnswer } from "./run-feed.ts";

/** How long a run takes in all: so far, and at least from now on. `coming` are phases that it has not come to. */
export function wholeRun(answer: RunAnswer | null, coming: Totals, nowMs = Date.now()): Row {
  const row = { phase: WHOLE_RUN, settled: 0, share: null } as const;
  const begins = Object.values(answer?.times ?? {}).map(({ fromMs }) => fromMs);
  if (answer === null || begins.length === 0) return { ...row, text: "" };
  const soFar = duration(Math.max(0, nowMs - Math.min(...begins)) / 1_000);
  const left = secondsLeft(answer, coming);
  return { ...row, text: `${soFar} so far${left === null ? "" : `, at least ${duration(left)} left`}` };
}

/** Null where the run stands still, and before the plan has said what is to be written. */
function secondsLeft(answer: RunAnswer, coming: Totals): number | null {
  if (answer.state !== "Running" || answer.secondsLeft === null) return null;
  const later = PHASES.map((phase) => secondsOf(answer, phase, coming[phase]?.of ?? 0));
  return later.reduce((sum, seconds) => sum + seconds, answer.secondsLeft);
}

function secondsOf({ pace, itemsPerCall }: RunAnswer, phase: Phase, items: number): number {
  if (pace === null) return 0;
  if (phase === "resets") return items / pace.resetsPerSecond;
  const sizes: Partial<Record<Phase, number>> = itemsPerCall ?? {};
  const perCall = sizes[phase];
  return perCall === undefined ? 0 : items / perCall / pace.writesPerSecond;
}
