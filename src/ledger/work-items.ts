import { sql } from "kysely";
import type { WorkItemState } from "../migration.ts";
import type { ItemPhase } from "../phases.ts";
import { isPostgres, listedRows, nowMsSql } from "./dialect.ts";
import { FencedError } from "./errors.ts";
import type { Db, Tx } from "./ledger.ts";
import { countMoves } from "./phase-counts.ts";

/** A batch's part of a phase: dense ordinals, both ends included. */
export interface WorkRange {
  migrationId: number;
  phase: ItemPhase;
  from: number;
  to: number;
}

/** The predicate of the index `work_items_open`, word for word: SQLite uses the index for no other wording. */
const IS_OPEN = sql<boolean>`state in ('pending', 'sending')`;
/** Keeps each statement of `reopen` short. */
const REOPEN_SLICE = 1_000;

export interface ClaimedItem {
  ordinal: number;
  sub: string;
  inDoubt: boolean;
  firstClaimedAtMs: number;
  attempts: number;
  /** Of the source user: a JSON object. */
  attributes: string;
}

interface ClaimedRow {
  ordinal: number;
  sub: string;
  in_doubt: 0 | 1;
  first_claimed_at_ms: number;
  attempts: number;
  attributes: string;
}

/**
 * Takes up to `limit` open items of the range for the attempt that holds `fence`: pending ones, and those that an
 * earlier attempt left in `sending`, which are in doubt from then on. One statement.
 */
export async function claim(db: Db, range: WorkRange, fence: number, limit: number): Promise<ClaimedItem[]> {
  const { migrationId, phase, from, to } = range;
  const claimable = sql`((state = 'pending' and fence <= ${fence}) or (state = 'sending' and fence < ${fence}))`;
  const { rows } = await sql<ClaimedRow>`
    update work_items set
      state = 'sending', fence = ${fence}, attempts = attempts + 1,
      in_doubt = case when state = 'sending' then 1 else in_doubt end,
      first_claimed_at_ms = coalesce(first_claimed_at_ms, ${nowMsSql(db)})
    where migration_id = ${migrationId} and phase = ${phase} and ${claimable} and ordinal in (
      select ordinal from work_items
      where migration_id = ${migrationId} and phase = ${phase} and ordinal between ${from} and ${to}
        and ${IS_OPEN} and ${claimable}
      order by ordinal limit ${limit} ${isPostgres(db) ? sql`for update` : sql``})
    returning ordinal, sub, in_doubt, first_claimed_at_ms, attempts, (
      select attributes from source_users
      where source_users.migration_id = work_items.migration_id and source_users.sub = work_items.sub
    ) as attributes`.execute(db);
  return rows
    .map((row) => ({
      ordinal: row.ordinal,
      sub: row.sub,
      inDoubt: row.in_doubt === 1,
      firstClaimedAtMs: row.first_claimed_at_ms,
      attempts: row.attempts,
      attributes: row.attributes,
    }))
    .sort((a, b) => a.ordinal - b.ordinal);
}

/** Throws FencedError unless the item is still claimed under this fence. */
export async function confirmClaim(db: Db, range: WorkRange, ordinal: number, fence: number): Promise<void> {
  const row = await db
    .selectFrom("work_items")
    .select("ordinal")
    .where("migration_id", "=", range.migrationId)
    .where("phase", "=", range.phase)
    .where("ordinal", "=", ordinal)
    .where("state", "=", "sending")
    .where("fence", "=", fence)
    .executeTakeFirst();
  if (row === undefined) throw new FencedError();
}

export interface Settlement {
  ordinal: number;
  /** `pending` puts the item back. */
  state: Exclude<WorkItemState, "sending">;
  inDoubt: boolean;
  code: string | null;
  message: string | null;
  how: string | null;
  destinationId: string | null;
  recordHash: string | null;
}

const OUTCOME = {
  ordinal: "integer",
  state: "text",
  in_doubt: "integer",
  code: "text",
  message: "text",
  how: "text",
  destination_id: "text",
  record_hash: "text",
};

/** Writes outcomes; throws FencedError, and writes none, if any of the items is claimed by a later attempt. */
export async function settle(
  tx: Tx,
  range: WorkRange,
  fence: number,
  settlements: readonly Settlement[],
): Promise<void> {
  if (settlements.length === 0) return;
  const ordinals = settlements.map((s) => s.ordinal);
  const rows = settlements.map(({ inDoubt, destinationId, recordHash, ...same }) => ({
    ...same,
    in_doubt: inDoubt ? 1 : 0,
    destination_id: destinationId,
    record_hash: recordHash,
  }));
  const result = await sql`
    with outcome as materialized (select * from ${listedRows(tx, OUTCOME, rows)})
    update work_items set
      state = outcome.state, in_doubt = outcome.in_doubt, code = outcome.code, message = outcome.message,
      how = outcome.how, destination_id = outcome.destination_id, record_hash = outcome.record_hash,
      settled_at_ms = case when outcome.state = 'pending' then null else ${nowMsSql(tx)} end
    from outcome
    where work_items.migration_id = ${range.migrationId} and work_items.phase = ${range.phase}
      and work_items.ordinal = outcome.ordinal
      -- Without bounds SQLite reads the whole phase.
      and work_items.ordinal between ${Math.min(...ordinals)} and ${Math.max(...ordinals)}
      and work_items.state = 'sending' and work_items.fence = ${fence}`.execute(tx);
  if (Number(result.numAffectedRows ?? 0n) !== settlements.length) throw new FencedError();
  await countMoves(
    tx,
    range.migrationId,
    range.phase,
    settlements.filter((s) => s.state !== "pending").map((s) => ({ from: "pending", to: s.state })),
  );
}

/** Up to `limit` ranges of at most `size` that have open items, aligned to batches, from ordinal `from` on. */
export async function openRanges(
  db: Db,
  migrationId: number,
  phase: ItemPhase,
  from: number,
  size: number,
  limit: number,
): Promise<{ from: number; to: number }[]> {
  const ranges: { from: number; to: number }[] = [];
  let next = from;
  while (ranges.length < limit) {
    const row = await db
      .selectFrom("work_items")
      .select("ordinal")
      .where("migration_id", "=", migrationId)
      .where("phase", "=", phase)
      .where(IS_OPEN)
      .where("ordinal", ">=", next)
      .orderBy("ordinal")
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) break;
    const start = Math.floor((row.ordinal - 1) / size) * size + 1;
    ranges.push({ from: start, to: start + size - 1 });
    next = start + size;
  }
  return ranges;
}

export type StateCounts = Record<WorkItemState, number>;

/** How the items of one range stand. */
export async function rangeCounts(db: Db, range: WorkRange): Promise<StateCounts> {
  const rows = await db
    .selectFrom("work_items")
    .select(["state", sql<number>`cast(count(*) as integer)`.as("items")])
    .where("migration_id", "=", range.migrationId)
    .where("phase", "=", range.phase)
    .where("ordinal", ">=", range.from)
    .where("ordinal", "<=", range.to)
    .groupBy("state")
    .execute();
  const counts: StateCounts = { pending: 0, sending: 0, done: 0, failed: 0, skipped: 0 };
  for (const row of rows) counts[row.state] = row.items;
  return counts;
}

/** How often each code failed among the phase's last `window` outcomes. */
export async function recentFailures(
  db: Db,
  migrationId: number,
  phase: ItemPhase,
  window: number,
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("work_items")
    .select(["state", "code"])
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
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

/** Opens what failed with this code again; a try whose effect is in doubt stays in doubt. */
export async function reopen(tx: Tx, migrationId: number, phase: ItemPhase, code: string): Promise<number> {
  let all = 0;
  for (;;) {
    const reopened = await reopenSome(tx, migrationId, phase, code);
    if (reopened === 0) return all;
    all += reopened;
  }
}

/** Two statements: as one, PostgreSQL may ask for the whole list again for each item of it. */
async function reopenSome(tx: Tx, migrationId: number, phase: ItemPhase, code: string): Promise<number> {
  const failed = await tx
    .selectFrom("work_items")
    .select("ordinal")
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where(sql<boolean>`state = 'failed'`)
    .where("code", "=", code)
    .limit(REOPEN_SLICE)
    .execute();
  if (failed.length === 0) return 0;
  const ordinals = failed.map((item) => item.ordinal);
  const result = await tx
    .updateTable("work_items")
    .set({ state: "pending", settled_at_ms: null })
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where("ordinal", "in", ordinals)
    .where("state", "=", "failed")
    .executeTakeFirst();
  const reopened = Number(result.numUpdatedRows);
  await countMoves(tx, migrationId, phase, Array(reopened).fill({ from: "failed", to: "pending" }));
  return reopened;
}
