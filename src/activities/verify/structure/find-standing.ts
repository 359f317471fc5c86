import type { Answer } from "../../../destinations/destination.ts";
import type { Operation } from "../../../engine/heartbeat.ts";
import type { Placed } from "../../../ledger/placed.ts";
import { findOrBelieve } from "../confirm-misses.ts";
import type { Verifying } from "../verifying.ts";
import type { Compared } from "./compared.ts";

/** Asks for what stands by the ledger, by its id. */
export function findStanding<Found>(verifying: Verifying, compared: Compared<Found>, placed: Placed) {
  return findOrBelieve(verifying, placed, (operation) => findById(verifying, compared, placed, operation));
}

export async function findById<Found>(
  { destination, slots }: Pick<Verifying, "destination" | "slots">,
  { kind, holdings }: Compared<Found>,
  { destinationId }: Placed,
  operation: Operation,
): Promise<Answer<Found | null>> {
  if (holdings === undefined) throw new Error(`The destination does not tell what it holds of kind ${kind}.`);
  if (destinationId === null) return { ok: true, value: null };
  return holdings.find(destinationId, async () => {
    // Waiting is no hanging.
    operation.pause();
    await slots.next(destination.facts.slots.read);
    operation.restart(destination.callTimeoutMs);
  });
}
