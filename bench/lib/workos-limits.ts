/** WorkOS as a run meets it: its limits, the latency of a real network, and a pace just below the limits. */

/** WorkOS docs, "Rate limits": 500 writes in 10 seconds. */
export const LIMIT_WRITES_PER_SECOND = 50;
export const PACE = { writesPerSecond: 49.5, callsPerSecond: 95 };
export const LATENCY_MS = 40;

/** How long this many writes take at the least. */
export function floorMs(writes: number): number {
  return (writes / LIMIT_WRITES_PER_SECOND) * 1_000;
}
