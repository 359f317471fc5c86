import type { FanOutPhase } from "../domain/phases.ts";
import type { Destination } from "./destination.ts";

/** What one call takes, by the phase that makes it. */
export function itemsPerCall({
  users,
  memberships,
}: Pick<Destination, "users" | "memberships">): Readonly<Record<FanOutPhase, number>> {
  // Organizations and roles go one by one: `one-a-call.ts`.
  return { structure: 1, users: users.itemsPerCall, memberships: memberships.itemsPerCall };
}
