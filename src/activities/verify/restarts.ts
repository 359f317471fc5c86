import { blocked } from "../../domain/blocked.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { Counters } from "../../ledger/cursors.ts";

/** A list whose cursors keep dying is read again from its start this often. */
const MAX_RESTARTS = 3;

/** Whoever resumes, and the list after this one, begin to count anew. */
export const NO_RESTARTS: Counters = { restarts: 0 };

/** One more than these counters hold; null once that has been tried often enough. */
export function restarted({ restarts = 0 }: Counters): Counters | null {
  return restarts < MAX_RESTARTS ? { restarts: restarts + 1 } : null;
}

export function stuck(what: string): Blocked {
  return blocked("listing_stuck", { detail: `the list of ${what}` });
}
