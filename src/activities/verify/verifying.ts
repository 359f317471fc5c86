import type { Answer, Destination } from "../../destinations/destination.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Migration } from "../../migration.ts";
import type { Blocked, RunRef } from "../../workflows/contract.ts";
import { blocked } from "../blocked.ts";
import type { DestinationSlots } from "../destination-slots.ts";
import { countThrottled } from "../metrics.ts";
import type { Pulse } from "../pulse.ts";

const OUTAGE_RETRY_MS = 2_000;

/** Outages in a row after which a listing starts again, in case it is the cursor that is refused. */
export const MAX_OUTAGES_PER_CURSOR = 5;

/** What one attempt of the verify phase works with. */
export interface Verifying {
  ledger: Ledger;
  destination: Destination;
  slots: DestinationSlots;
  pulse: Pulse;
  run: RunRef;
  file: Migration;
}

export type Asked<T> = { status: "answered"; value: T } | { status: "outage" } | Blocked;

/** Asks at the pace, for as long as throttling takes; outages are waited for, at most `maxOutages` in a row. */
export async function ask<T>(
  { destination, slots, pulse }: Verifying,
  call: () => Promise<Answer<T>>,
  maxOutages: number,
): Promise<Asked<T>> {
  for (let outages = 0; outages < maxOutages; ) {
    pulse.throwIfCancelled();
    await slots.next(destination.readKinds);
    const answer = await pulse.during(destination.callTimeoutMs, call);
    if (answer.ok) return { status: "answered", value: answer.value };
    if (answer.problem === "access_lost") return blocked("access_lost_destination", { detail: answer.code });
    if (answer.problem === "slow_down") {
      countThrottled("destination");
      await slots.block(destination.readKinds, answer.retryAfterMs);
    } else {
      outages += 1;
      await pulse.wait(OUTAGE_RETRY_MS);
    }
  }
  return { status: "outage" };
}
