import type { ItemPhase } from "../domain/phases.ts";
import { type Difference, differenceOf } from "../plan/difference.ts";
import type { Tx } from "./ledger.ts";
import { countMoves } from "./phase-counts.ts";
import { type Placed, type PlacedKey, placedAmong } from "./placed.ts";
import { addItems, type NewItem } from "./queue.ts";
import { lastOrdinal } from "./queue-questions.ts";
import type { RunOfMigration } from "./runs.ts";

/** The queue of a run is the difference between its plan and what stands. */

export interface Planned extends PlacedKey {
  difference: Difference;
}

/** How each of these differs from what stands, in their order. */
export async function differencesOf(
  tx: Tx,
  migrationId: number,
  objects: readonly PlacedKey[],
): Promise<Planned[]> {
  const placed = new Map<PlacedKey["kind"], Map<string, Placed>>();
  for (const [kind, same] of Map.groupBy(objects, (one) => one.kind)) {
    const keys = same.map(({ key }) => key);
    placed.set(kind, await placedAmong(tx, migrationId, kind, keys));
  }
  return objects.map(({ kind, key }) => ({
    kind,
    key,
    difference: differenceOf(placed.get(kind)?.get(key) ?? null),
  }));
}

/** Queues what is to be made; what stands counts as done, what somebody removed as skipped. */
export async function queueDifferences(
  tx: Tx,
  run: RunOfMigration,
  phase: ItemPhase,
  planned: readonly Planned[],
): Promise<void> {
  const items = planned.flatMap(({ kind, key, difference }): NewItem[] =>
    difference.kind === "create"
      ? [{ kind, key, intent: "create", doubtSinceMs: difference.doubtSinceMs }]
      : [],
  );
  if (items.length > 0) await addItems(tx, run, phase, await lastOrdinal(tx, run, phase), items);
  const count = (kind: Difference["kind"]) =>
    planned.filter(({ difference }) => difference.kind === kind).length;
  await countMoves(tx, run, phase, [
    { from: null, to: "done", items: count("none") },
    { from: null, to: "skipped", items: count("removed") },
  ]);
}
