import { duration } from "../domain/duration.ts";
import { ITEM_PHASES } from "../domain/phases.ts";
import { secondsOfItems } from "../domain/seconds-of-items.ts";
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
  const { pace, itemsPerCall } = answer;
  if (pace === null) return answer.secondsLeft;
  // What a run of an earlier worker does not say is left out; of its mails the pace tells enough.
  const known = ITEM_PHASES.filter((phase) => phase === "resets" || itemsPerCall != null);
  const later = known.map((phase) => secondsOfItems(phase, coming[phase]?.of ?? 0, pace, itemsPerCall));
  return later.reduce((sum, seconds) => sum + seconds, answer.secondsLeft);
}
