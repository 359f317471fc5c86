import type { Answer, Destination } from "../destinations/destination.ts";
import { blocked } from "../domain/blocked.ts";
import type { Blocked } from "../domain/contract.ts";
import type { DestinationSlots } from "./destination-slots.ts";
import type { Operation, Pulse } from "./heartbeat.ts";
import { countOutage, countThrottled } from "./metrics.ts";

const OUTAGE_RETRY_MS = 2_000;
/** An outage is waited for this long: where a listing of millions stands is worth it. */
const OUTAGE_LIMIT_MS = 5 * 60_000;

export interface DestinationTools {
  destination: Destination;
  slots: DestinationSlots;
  pulse: Pulse;
}

export type Asked<T> =
  | { status: "answered"; value: T }
  /** For good: the same call will be refused again. */
  | { status: "refused"; code: string }
  | { status: "dead_cursor" }
  | Blocked;

/**
 * Asks at the pace, for as long as throttling takes; an outage that does not end parks the run. Whoever makes a second call
 * waits for its slot with the operation's clock stopped.
 */
export async function askDestination<T>(
  { destination, slots, pulse }: DestinationTools,
  call: (operation: Operation) => Promise<Answer<T>>,
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
        countOutage("destination");
        silentSinceMs ??= performance.now();
        if (performance.now() - silentSinceMs > OUTAGE_LIMIT_MS)
          return blocked("destination_unreachable", { detail: answer.code });
        await pulse.wait(OUTAGE_RETRY_MS);
    }
  }
}
