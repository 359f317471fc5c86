import { sql } from "kysely";
import type { PlacedKind, WorkIntent } from "../domain/books.ts";
import type { WorkItemState } from "../domain/outcomes.ts";
import type { ItemPhase } from "../domain/phases.ts";
import type { Db } from "./ledger.ts";
import { HAS_FAILED } from "./queue.ts";
import { itemsOf } from "./queue-questions.ts";
import type { RunOfMigration } from "./runs.ts";

/** How the items of a run's queue ended. */

/** How many items of a part of the queue ended with each state and code. */
export function endedByCode(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  { from, to }: { from: number; to: number },
): Promise<{ state: WorkItemState; code: string | null; items: number }[]> {
  return itemsOf(db, run, phase)
    .select(["state", "code", sql<number>`cast(count(*) as integer)`.as("items")])
    .where("ordinal", ">=", from)
    .where("ordinal", "<=", to)
    .groupBy(["state", "code"])
    .execute();
}

export interface EndedItems {
  kind: PlacedKind;
  intent: WorkIntent;
  state: WorkItemState;
  code: string | null;
  items: number;
}

/** The same, by kind and by what they were for. */
export function endedByKind(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  { from, to }: { from: number; to: number },
): Promise<EndedItems[]> {
  return itemsOf(db, run, phase)
    .select(["kind", "intent", "state", "code", sql<number>`cast(count(*) as integer)`.as("items")])
    .where("ordinal", ">=", from)
    .where("ordinal", "<=", to)
    .groupBy(["kind", "intent", "state", "code"])
    .execute();
}

/** A stretch of time, cut into slots of the same length; the first one is 0. */
export interface TimeSlots {
  fromMs: number;
  slotMs: number;
}

/** How many items of a part of the queue were settled in which slot. */
export function settledBySlot(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  { from, to }: { from: number; to: number },
  { fromMs, slotMs }: TimeSlots,
): Promise<{ slot: number; items: number }[]> {
  const slot = sql<number>`cast((settled_at_ms - ${sql.lit(fromMs)}) / ${sql.lit(slotMs)} as integer)`;
  return itemsOf(db, run, phase)
    .select([slot.as("slot"), sql<number>`cast(count(*) as integer)`.as("items")])
    .where("ordinal", ">=", from)
    .where("ordinal", "<=", to)
    .where("settled_at_ms", "is not", null)
    .groupBy(slot)
    .execute();
}

/** How many items of a part of the queue are done, by what they were for. */
export function doneByIntent(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  { from, to }: { from: number; to: number },
): Promise<{ intent: WorkIntent; items: number }[]> {
  return itemsOf(db, run, phase)
    .select(["intent", sql<number>`cast(count(*) as integer)`.as("items")])
    .where("ordinal", ">=", from)
    .where("ordinal", "<=", to)
    .where("state", "=", "done")
    .groupBy("intent")
    .execute();
}

/** How often each code failed among the phase's last `window` outcomes. */
export async function recentFailures(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  window: number,
): Promise<Map<string, number>> {
  const rows = await itemsOf(db, run, phase)
    .select(["state", "code"])
    .where("settled_at_ms", "is not", null)
    .orderBy("settled_at_ms", "desc")
    .limit(window)
    .execute();
  const failures = new Map<string, number>();
  for (const row of rows)
    if (row.state === "failed" && row.code !== null)
      failures.set(row.code, (failures.get(row.code) ?? 0) + 1);
  return failures;
}

/** What a call's answer told of an item. */
export interface ItemAnswer {
  ordinal: number;
  /** The item was left in doubt by it. */
  isUnclear: boolean;
}

/** The phase's last answers among so many outcomes, the newest first. What was done in another way says nothing of calls. */
export async function lastAnswers(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  window: number,
): Promise<ItemAnswer[]> {
  const rows = await itemsOf(db, run, phase)
    .select(["ordinal", "state", "message", "attempts"])
    .where("settled_at_ms", "is not", null)
    .orderBy("settled_at_ms", "desc")
    .limit(window)
    .execute();
  return rows.flatMap(({ ordinal, state, message, attempts }) => {
    const isUnclear = state === "skipped" && message !== null;
    return isUnclear || (state === "done" && attempts > 0) ? [{ ordinal, isUnclear }] : [];
  });
}

/** How an item of the queue ended, or that it has not. */
export interface EndedItem {
  ordinal: number;
  kind: PlacedKind;
  key: string;
  intent: WorkIntent;
  state: WorkItemState;
  code: string | null;
}

/** A phase's items in order of their ordinals, after the given one. */
export function itemsAfter(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  afterOrdinal: number,
  limit: number,
): Promise<EndedItem[]> {
  return itemsOf(db, run, phase)
    .select(["ordinal", "kind", "key", "intent", "state", "code"])
    .where("ordinal", ">", afterOrdinal)
    .orderBy("ordinal")
    .limit(limit)
    .execute();
}

export interface FailedItem {
  ordinal: number;
  kind: PlacedKind;
  /** A user's sub, or the key of a planned object. */
  key: string;
  code: string | null;
  /** The vendor's words: for the operator's eyes. */
  message: string | null;
}

/** A phase's failed items in order of their ordinals, after the given one. */
export function failedItemsAfter(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  afterOrdinal: number,
  limit: number,
): Promise<FailedItem[]> {
  return itemsOf(db, run, phase)
    .select(["ordinal", "kind", "key", "code", "message"])
    .where(HAS_FAILED)
    .where("ordinal", ">", afterOrdinal)
    .orderBy("ordinal")
    .limit(limit)
    .execute();
}

/** When the first and the last item of a phase was settled; null before that. */
export interface SettledTimes {
  firstMs: number | null;
  lastMs: number | null;
}

export async function settledTimes(db: Db, run: RunOfMigration, phase: ItemPhase): Promise<SettledTimes> {
  const edge = async (direction: "asc" | "desc") => {
    const row = await itemsOf(db, run, phase)
      .select("settled_at_ms as atMs")
      .where("settled_at_ms", "is not", null)
      .orderBy("settled_at_ms", direction)
      .limit(1)
      .executeTakeFirst();
    return row?.atMs ?? null;
  };
  return { firstMs: await edge("asc"), lastMs: await edge("desc") };
}
