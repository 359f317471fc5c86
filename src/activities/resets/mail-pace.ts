import type { Destination } from "../../destinations/destination.ts";
import type { Migration } from "../../domain/migration.ts";
import { destinationPaceKey } from "../../engine/pace-keys.ts";
import { readPace } from "../../ledger/pace.ts";
import type { Deps } from "../deps.ts";

/** Few are lost track of when a worker dies. */
const MIN_IN_FLIGHT = 4;
/** Somebody is looked up, a mail goes out, and all of it is noted: with vendors that are slow, in so much time. */
const SECONDS_A_MAIL = 1;

/** As the operator has set it since, or as the file says. */
export async function mailsPerSecond(
  { ledger, destinationOf }: Pick<Deps, "ledger" | "destinationOf">,
  file: Migration,
): Promise<number> {
  const key = destinationPaceKey(destinationOf(file.destination), "resets");
  return (await readPace(ledger, [key])).get(key) ?? file.passwordResets.perSecond;
}

/** So many that a slow destination holds no pace up. */
export function mailsInFlight({ facts }: Pick<Destination, "facts">, perSecond: number): number {
  return Math.max(MIN_IN_FLIGHT, Math.min(Math.ceil(perSecond * SECONDS_A_MAIL), facts.callsInFlight));
}
