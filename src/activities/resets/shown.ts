import { CLOCK_TOLERANCE_MS } from "../../destinations/sending.ts";

/**
 * How far a reading of the destination's record saw everything. Some mails show late: while a slow reading is under way,
 * behind the page that it has come to.
 */

/** The clocks of one vendor's servers may differ by this much. */
export const SERVERS_DIFFER_MS = 5_000;

/**
 * No mail that the record showed when a reading began was newer, by the destination's clock, as far as is known: the newest of
 * earlier readings tells, or the ledger's clock. What the reading itself comes to may have been mailed since.
 */
export function shownBefore(newestMs: number | null, beganAtMs: number): number {
  return Math.max(newestMs ?? 0, beganAtMs - CLOCK_TOLERANCE_MS);
}

/** What shows late is no older. */
export function completeUntilMs(shownMs: number, lagMs: number): number {
  return shownMs - SERVERS_DIFFER_MS - lagMs;
}
