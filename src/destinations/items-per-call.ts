import type { FanOutPhase } from "../domain/phases.ts";
import type { Destination } from "./destination.ts";

/** What one call takes, by the phase that makes it. */
export function itemsPerCall({
  users,
  memberships,
}: Pick<Destination, "users" | "memberships">): Readonly<Record<FanOutPhase, number>> {
  // What is no people's goes one by one: `one-a-call.ts`.
  return { credentials: 1, structure: 1, users: users.itemsPerCall, memberships: memberships.itemsPerCall };
}
