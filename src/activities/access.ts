import type { Destination } from "../destinations/destination.ts";
import { blocked } from "../domain/blocked.ts";
import type { Blocked, RunRef } from "../domain/contract.ts";
import { askDestination } from "../engine/ask-destination.ts";
import { DestinationSlots } from "../engine/destination-slots.ts";
import type { Pulse } from "../engine/heartbeat.ts";
import type { Deps } from "./deps.ts";

/** Those of this worker whose access was proven: settings stay the same for as long as a process lives. */
const proven = new WeakSet<Destination>();

export function noteAccess(destination: Destination): void {
  proven.add(destination);
}

/**
 * Why this worker's access is not that of the run's environment; null where it is. The assessment proves that of its own
 * worker. One that comes later may have a key of another environment: whoever it made there would be lost here.
 */
export async function accessTrouble(deps: Deps, run: RunRef, pulse: Pulse): Promise<Blocked | null> {
  const destination = deps.destinationOf({ kind: run.destinationKind });
  if (proven.has(destination)) return null;
  const slots = new DestinationSlots(deps.pacer, destination, pulse.signal);
  const asked = await askDestination({ destination, slots, pulse }, () => destination.checkAccess());
  if (asked.status === "blocked") return asked;
  if (asked.status !== "answered")
    return blocked("access_lost_destination", {
      detail: asked.status === "refused" ? asked.code : asked.status,
    });
  noteAccess(destination);
  return null;
}
