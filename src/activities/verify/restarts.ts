import { blocked } from "../../domain/blocked.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { Counters } from "../../ledger/cursors.ts";

/** A list whose cursors keep dying is read again from its start this often. */
const MAX_RESTARTS = 3;
const RESTARTS = "restarts";

/** Null once that has been tried often enough. */
export function restarted(counters: Counters): Counters | null {
  const restarts = (counters[RESTARTS] ?? 0) + 1;
  return restarts > MAX_RESTARTS ? null : { ...counters, [RESTARTS]: restarts };
}

/** Whoever resumes begins to count anew. */
export function withoutRestarts({ [RESTARTS]: _, ...counters }: Counters): Counters {
  return counters;
}

export function stuck(what: string): Blocked {
  return blocked("listing_stuck", { detail: `the list of ${what}` });
}
