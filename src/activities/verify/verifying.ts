import type { Answer, Destination } from "../../destinations/destination.ts";
import { blocked } from "../../domain/blocked.ts";
import type { Blocked, RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import type { DestinationSlots } from "../../engine/destination-slots.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { countThrottled } from "../../engine/metrics.ts";
import type { Ledger } from "../../ledger/ledger.ts";

const OUTAGE_RETRY_MS = 2_000;
/** An outage is waited for this long: where a listing of millions stands is worth it. */
const OUTAGE_LIMIT_MS = 5 * 60_000;

/** What one attempt of the verify phase works with. */
export interface Verifying {
  ledger: Ledger;
  destination: Destination;
  slots: DestinationSlots;
  pulse: Pulse;
  run: RunRef;
  file: Migration;
}

export type Asked<T> =
  | { status: "answered"; value: T }
  /** For good: the same call will be refused again. */
  | { status: "refused"; code: string }
  | { status: "dead_cursor" }
  | Blocked;

/** Asks at the pace, for as long as throttling takes; an outage that does not end parks the run. */
export async function ask<T>(
  { destination, slots, pulse }: Verifying,
  call: () => Promise<Answer<T>>,
): Promise<Asked<T>> {
  let silentSinceMs: number | null = null;
  for (;;) {
    pulse.throwIfCancelled();
    await slots.next(destination.facts.slots.read);
    const answer = await pulse.during(destination.callTimeoutMs, call);
    if (answer.ok) return { status: "answered", value: answer.value };
    switch (answer.problem) {
      case "access_lost":
        return blocked("access_lost_destination", { detail: answer.code });
      case "refused":
        return { status: "refused", code: answer.code };
      case "dead_cursor":
        return { status: "dead_cursor" };
      case "slow_down":
        countThrottled("destination");
        await slots.block(destination.facts.slots.read, answer.retryAfterMs);
        break;
      case "unavailable":
        silentSinceMs ??= performance.now();
        if (performance.now() - silentSinceMs > OUTAGE_LIMIT_MS)
          return blocked("destination_unreachable", { detail: answer.code });
        await pulse.wait(OUTAGE_RETRY_MS);
    }
  }
}
