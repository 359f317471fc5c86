/** WorkOS as a run meets it: its limits, the latency of a real network, and a pace just below the limits. */

/** WorkOS docs, "Rate limits": 500 writes in 10 seconds. */
export const LIMIT_WRITES_PER_SECOND = 50;
export const PACE = { writesPerSecond: 49.5, callsPerSecond: 95 };
export const LATENCY_MS = 40;

/** How long this many writes take at the least. */
export function floorMs(writes: number): number {
  return (writes / LIMIT_WRITES_PER_SECOND) * 1_000;
}

/** What writing may take, as a ratio to the floor: calls that are broken are looked up, and some of them made again. */
export function phaseTarget(brokenPercent: number): { atMost: number } {
  return { atMost: brokenPercent === 0 ? 1.02 : 1.12 };
}
