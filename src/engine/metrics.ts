import { activityInfo, metricMeter } from "@temporalio/activity";
import { blockedCodes } from "../domain/blocked.ts";
import type { Settlement } from "../ledger/queue.ts";

/** Served with Temporal's own metrics at SPILLWAY_METRICS_ADDRESS. Labels are codes, never a person's data. */

type Side = "source" | "destination";

/** Each with its unit, and what it counts. */
const COUNTERS = {
  spillway_outcomes: ["users", "Users, memberships, mails and set-up settled, by state"],
  spillway_throttled: ["answers", "Answers that asked to slow down"],
  spillway_outages: ["answers", "Calls without an answer, and answers that something is down"],
  spillway_pages: ["pages", "Pages read from Cognito"],
  spillway_waits: ["waits", "Times that a run parked, or began to wait for a person, by code"],
} as const;
type CounterName = keyof typeof COUNTERS;
type Labels = Readonly<Record<string, string>>;

/** Temporal's meter, of an activity or of a whole worker. */
interface Meter {
  createCounter(
    name: string,
    unit?: string,
    description?: string,
  ): { add(by: number, labels?: Labels): void };
}

const STATES = ["done", "failed", "skipped", "pending"];
const CODES = [...blockedCodes(), "providers", "approval_resets"];

/**
 * Of a worker that starts. A counter that is not there before its first event would hide that one from whoever asks how
 * much it grew: the labels are those that an activity's counter will have. `meter` has those that all share.
 */
export function beginAtZero(meter: Meter): void {
  const zero = (name: CounterName, activityType: string, labels: Labels = {}) =>
    count(name, 0, { activityType, ...labels }, meter);
  for (const state of STATES) zero("spillway_outcomes", "sendBatch", { state });
  for (const name of ["spillway_throttled", "spillway_outages"] as const) {
    zero(name, "snapshot", { side: "source" });
    zero(name, "sendBatch", { side: "destination" });
  }
  zero("spillway_pages", "snapshot");
  for (const code of CODES) zero("spillway_waits", "alert", { code });
}

export function countOutcomes(settlements: readonly Settlement[]): void {
  const counts = new Map<string, number>();
  for (const { state } of settlements) counts.set(state, (counts.get(state) ?? 0) + 1);
  for (const [state, users] of counts) count("spillway_outcomes", users, { state });
}

export function countThrottled(side: Side): void {
  count("spillway_throttled", 1, { side });
}

export function countOutage(side: Side): void {
  count("spillway_outages", 1, { side });
}

export function countPages(pages: number): void {
  count("spillway_pages", pages, {});
}

/** Whoever is told is told once, however often that is tried. */
export function countWait(code: string): void {
  if (activityInfo().attempt === 1) count("spillway_waits", 1, { code });
}

function count(name: CounterName, by: number, labels: Labels, meter: Meter = metricMeter): void {
  const [unit, description] = COUNTERS[name];
  meter.createCounter(name, unit, description).add(by, labels);
}
