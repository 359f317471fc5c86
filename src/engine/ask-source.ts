import type { SourceAnswer } from "../cognito/source.ts";
import { blocked } from "../domain/blocked.ts";
import type { Blocked } from "../domain/contract.ts";
import type { WorkPulse } from "./heartbeat.ts";
import { countOutage, countThrottled } from "./metrics.ts";
import type { SlotHand } from "./slot-hand.ts";

/** The adapter's own time limits end a call well before this. */
const CALL_TIMEOUT_MS = 30_000;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 20_000;

export type SourceResult<T> = { status: "answered"; value: T } | { status: "dead_token" } | Blocked;

export interface SourceTools {
  slots: SlotHand;
  pulse: WorkPulse;
  /** Outages in a row after which the run parks; without it they are waited for as long as they last. */
  maxOutages?: number;
}

/** A permission that is missing is told by its name. */
function accessLost(operation: string, code: string): Blocked {
  return blocked("access_lost_source", { detail: `cognito-idp:${operation}: ${code}` });
}

/** Asks Cognito at its pace, for as long as throttling and outages take; each try takes a slot of its own. */
export async function askSource<T>(
  tools: SourceTools,
  operation: string,
  ask: () => Promise<SourceAnswer<T>>,
): Promise<SourceResult<T>> {
  const { maxOutages = Number.POSITIVE_INFINITY } = tools;
  for (let tries = 0; ; tries += 1) {
    const result = await askSourceOnce(tools, operation, ask, tries);
    if (result.status !== "not_now") return result;
    if (result.outage !== null && tries + 1 >= maxOutages)
      return blocked("source_unreachable", { detail: result.outage });
  }
}

/** A single try: for whoever must not be kept waiting. After throttling or an outage everybody waits before the next one. */
export async function askSourceOnce<T>(
  { slots, pulse }: SourceTools,
  operation: string,
  ask: () => Promise<SourceAnswer<T>>,
  triesBefore = 0,
): Promise<SourceResult<T> | { status: "not_now"; outage: string | null }> {
  await slots.next();
  pulse.throwIfCancelled();
  const answer = await pulse.during(CALL_TIMEOUT_MS, ask);
  if (answer.ok) return { status: "answered", value: answer.value };
  switch (answer.problem) {
    case "unavailable":
      countOutage("source");
      await slots.block(backoffMs(triesBefore));
      return { status: "not_now", outage: answer.code };
    case "slow_down":
      countThrottled("source");
      await slots.block(backoffMs(triesBefore));
      return { status: "not_now", outage: null };
    case "dead_token":
      return { status: "dead_token" };
    case "access_lost":
      return accessLost(operation, answer.code);
    case "not_found":
      return blocked("source_not_found", { detail: `${operation}: ${answer.code}` });
    case "refused":
      return blocked("source_refused", { detail: `${operation}: ${answer.code}` });
  }
}

function backoffMs(tries: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** tries, MAX_BACKOFF_MS);
}
