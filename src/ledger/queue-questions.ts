import { sql } from "kysely";
import type { PlacedKind } from "../domain/books.ts";
import type { WorkItemState } from "../domain/outcomes.ts";
import type { ItemPhase } from "../domain/phases.ts";
import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { IS_OPEN, isDue, type WorkRange } from "./queue.ts";
import type { RunOfMigration } from "./runs.ts";

/** What is asked of a run's queue. */

/** Of one phase of a run. */
export function itemsOf(db: Db, { migrationId, generation }: RunOfMigration, phase: ItemPhase) {
  return db
    .selectFrom("work_items")
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("phase", "=", phase);
}

/** 0 where there are no items. */
export async function lastOrdinal(db: Db, run: RunOfMigration, phase: ItemPhase): Promise<number> {
  const row = await itemsOf(db, run, phase)
    .select("ordinal")
    .orderBy("ordinal", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.ordinal ?? 0;
}

/** Which of these keys the queue has, in whatever state. */
export async function queuedAmong(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  keys: readonly string[],
): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await itemsOf(db, run, phase)
    .select("key")
    .where(isOneOf(db, "key", keys))
    .execute();
  return new Set(rows.map((row) => row.key));
}

/** The keys of the first items, up to an ordinal, but for those that were settled before `sinceMs`. */
export async function keysUpTo(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  { to, sinceMs }: { to: number; sinceMs: number },
): Promise<string[]> {
  const rows = await itemsOf(db, run, phase)
    .select("key")
    .where("ordinal", ">=", 1)
    .where("ordinal", "<=", to)
    .where(({ eb, or }) => or([eb("settled_at_ms", "is", null), eb("settled_at_ms", ">=", sinceMs)]))
    .orderBy("ordinal")
    .execute();
  return rows.map(({ key }) => key);
}

/** How the items of one kind stand, by key; what the queue does not have is absent. */
export async function itemsAmong(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  kind: PlacedKind,
  keys: readonly string[],
): Promise<Map<string, ItemStanding>> {
  if (keys.length === 0) return new Map();
  const rows = await itemsOf(db, run, phase)
    .select([
      "key",
      "state",
      "code",
      "first_claimed_at_ms as firstClaimedAtMs",
      "settled_at_ms as settledAtMs",
    ])
    .where("kind", "=", kind)
    .where(isOneOf(db, "key", keys))
    .execute();
  return new Map(rows.map((row) => [row.key, row]));
}

export interface ItemStanding {
  state: WorkItemState;
  code: string | null;
  /** Null for what was never claimed. */
  firstClaimedAtMs: number | null;
  settledAtMs: number | null;
}

/** Up to `limit` ranges of at most `size` that have open items, aligned to batches, from ordinal `from` on. */
export async function openRanges(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  from: number,
  size: number,
  limit: number,
): Promise<{ from: number; to: number }[]> {
  const ranges: { from: number; to: number }[] = [];
  let next = from;
  while (ranges.length < limit) {
    const ordinal = await firstOpen(db, run, phase, next);
    if (ordinal === null) break;
    const start = Math.floor((ordinal - 1) / size) * size + 1;
    // Ranges of another size may have been given out before: those are at work.
    ranges.push({ from: Math.max(start, from), to: start + size - 1 });
    next = start + size;
  }
  return ranges;
}

/** What is open, in order, after an ordinal. */
export function openKeysAfter(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  after: number,
  limit: number,
): Promise<{ ordinal: number; key: string }[]> {
  return itemsOf(db, run, phase)
    .select(["ordinal", "key"])
    .where(IS_OPEN)
    .where("ordinal", ">", after)
    .orderBy("ordinal")
    .limit(limit)
    .execute();
}

/** The smallest open ordinal from `from` on; null when nothing is open. */
export async function firstOpen(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  from = 1,
): Promise<number | null> {
  const row = await itemsOf(db, run, phase)
    .select("ordinal")
    .where(IS_OPEN)
    .where("ordinal", ">=", from)
    .orderBy("ordinal")
    .limit(1)
    .executeTakeFirst();
  return row?.ordinal ?? null;
}

/** The smallest open ordinals from `from` on that are due. */
export async function dueOrdinals(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  { from, dueByMs, limit }: { from: number; dueByMs: number; limit: number },
): Promise<number[]> {
  const rows = await itemsOf(db, run, phase)
    .select("ordinal")
    .where(IS_OPEN)
    .where(isDue(dueByMs))
    .where("ordinal", ">=", from)
    .orderBy("ordinal")
    .limit(limit)
    .execute();
  return rows.map(({ ordinal }) => ordinal);
}

/** The first ones are due first, but for longer waits that were asked for. */
const MAX_LOOKED_AT = 1_000;

/** When the first of what was put off, up to an ordinal, is due again; null where nothing was. */
export async function nextDueAtMs(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  to: number,
): Promise<number | null> {
  const rows = await itemsOf(db, run, phase)
    .select("due_at_ms as atMs")
    .where(IS_OPEN)
    .where("ordinal", ">=", 1)
    .where("ordinal", "<=", to)
    .orderBy("ordinal")
    .limit(MAX_LOOKED_AT)
    .execute();
  const times = rows.flatMap(({ atMs }) => atMs ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

export type StateCounts = Record<WorkItemState, number>;

/** How the items of one range stand. */
export async function rangeCounts(db: Db, range: WorkRange): Promise<StateCounts> {
  const rows = await itemsOf(db, range, range.phase)
    .select(["state", sql<number>`cast(count(*) as integer)`.as("items")])
    .where("ordinal", ">=", range.from)
    .where("ordinal", "<=", range.to)
    .where(isDue(range.dueByMs))
    .groupBy("state")
    .execute();
  const counts: StateCounts = { pending: 0, sending: 0, done: 0, failed: 0, skipped: 0 };
  for (const row of rows) counts[row.state] = row.items;
  return counts;
}
