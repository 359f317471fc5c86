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

/** How each of these differs from what stands, in their order. `isChanged` is asked of those that stand. */
export async function differencesOf<Thing extends PlacedKey>(
  tx: Tx,
  migrationId: number,
  objects: readonly Thing[],
  isChanged: (object: Thing, placed: Placed) => boolean = () => false,
): Promise<Planned[]> {
  const placed = new Map<PlacedKey["kind"], Map<string, Placed>>();
  for (const [kind, same] of Map.groupBy(objects, (one) => one.kind)) {
    const keys = same.map(({ key }) => key);
    placed.set(kind, await placedAmong(tx, migrationId, kind, keys));
  }
  return objects.map((object) => {
    const { kind, key } = object;
    const stands = placed.get(kind)?.get(key) ?? null;
    const isOther = stands !== null && isChanged(object, stands);
    return { kind, key, difference: differenceOf(stands, isOther) };
  });
}

/** Queues what is to be made or changed; what stands as planned counts as done, what somebody removed as skipped. */
export async function queueDifferences(
  tx: Tx,
  run: RunOfMigration,
  phase: ItemPhase,
  planned: readonly Planned[],
): Promise<void> {
  const items = planned.flatMap(({ kind, key, difference }): NewItem[] => {
    if (difference.kind === "create")
      return [{ kind, key, intent: "create", doubtSinceMs: difference.doubtSinceMs }];
    return difference.kind === "update" ? [{ kind, key, intent: "update", doubtSinceMs: null }] : [];
  });
  if (items.length > 0) await addItems(tx, run, phase, await lastOrdinal(tx, run, phase), items);
  const count = (kind: Difference["kind"]) =>
    planned.filter(({ difference }) => difference.kind === kind).length;
  await countMoves(tx, run, phase, [
    { from: null, to: "done", items: count("none") },
    { from: null, to: "skipped", items: count("removed") },
  ]);
}

/** Queues what is to stand no more; whatever of it is in doubt is looked up first. */
export async function queueRemovals(
  tx: Tx,
  run: RunOfMigration,
  phase: ItemPhase,
  things: readonly Placed[],
): Promise<void> {
  if (things.length === 0) return;
  const items = things.map(({ kind, key, state, firstClaimedAtMs }): NewItem => {
    const doubtSinceMs = state === "in_doubt" ? firstClaimedAtMs : null;
    return { kind, key, intent: "remove", doubtSinceMs };
  });
  await addItems(tx, run, phase, await lastOrdinal(tx, run, phase), items);
}
