import { isAccessProven, proveAccess } from "../destinations/proven-access.ts";
import { blocked } from "../domain/blocked.ts";
import type { Blocked, RunRef } from "../domain/contract.ts";
import { askDestination } from "../engine/ask-destination.ts";
import { DestinationSlots } from "../engine/destination-slots.ts";
import type { Pulse } from "../engine/heartbeat.ts";
import type { Deps } from "./deps.ts";

/**
 * Why this worker's access is not that of the run's environment; null where it is. The assessment proves that of its own
 * worker. One that comes later may have a key of another environment.
 */
export async function accessTrouble(deps: Deps, run: RunRef, pulse: Pulse): Promise<Blocked | null> {
  const destination = deps.destinationOf({ kind: run.destinationKind });
  if (isAccessProven(destination)) return null;
  const slots = new DestinationSlots(deps.pacer, destination, pulse.signal);
  const asked = await askDestination({ destination, slots, pulse }, () => proveAccess(destination));
  if (asked.status === "blocked") return asked;
  if (asked.status === "answered") return null;
  return blocked("access_lost_destination", {
    detail: asked.status === "refused" ? asked.code : asked.status,
  });
}
