import type { Pace } from "./contract.ts";
import type { FanOutPhase, ItemPhase } from "./phases.ts";

/** How long items of a phase take at a pace, at least. A run that began before it was told takes one item a call. */
export function secondsOfItems(
  phase: ItemPhase,
  items: number,
  pace: Pace,
  itemsPerCall: Readonly<Record<FanOutPhase, number>> | null | undefined,
): number {
  if (phase === "resets") return items / pace.resetsPerSecond;
  return items / (itemsPerCall?.[phase] ?? 1) / pace.writesPerSecond;
}
