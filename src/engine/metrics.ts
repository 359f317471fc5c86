import { metricMeter } from "@temporalio/activity";
import type { Settlement } from "../ledger/queue.ts";

/** Served with Temporal's own metrics at SPILLWAY_METRICS_ADDRESS. Labels are codes, never a person's data. */

export function countOutcomes(settlements: readonly Settlement[]): void {
  const counts = new Map<string, number>();
  for (const { state } of settlements) counts.set(state, (counts.get(state) ?? 0) + 1);
  const counter = metricMeter.createCounter(
    "spillway_outcomes",
    "users",
    "Users, memberships, mails and set-up settled, by state",
  );
  for (const [state, users] of counts) counter.add(users, { state });
}

export function countThrottled(side: "source" | "destination"): void {
  metricMeter
    .createCounter("spillway_throttled", "answers", "Answers that asked to slow down")
    .add(1, { side });
}

export function countPages(pages: number): void {
  metricMeter.createCounter("spillway_pages", "pages", "Pages read from Cognito").add(pages);
}
