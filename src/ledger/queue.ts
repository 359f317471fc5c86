import { sql } from "kysely";
import type { PlacedKind, WorkIntent } from "../domain/books.ts";
import type { WorkItemState } from "../domain/outcomes.ts";
import type { ItemPhase } from "../domain/phases.ts";
import { isOneOf, isPostgres, listedRows, nowMsSql } from "./dialect.ts";
import { FencedError } from "./errors.ts";
import type { Db, Tx } from "./ledger.ts";
import { claimMails, settleMails } from "./mails.ts";
import { type CountedState, countMoves } from "./phase-counts.ts";
import { dropDoubts, type Fact, noteDoubts, noteStanding } from "./placed.ts";
import type { RunOfMigration } from "./runs.ts";

/**
 * The queue of one run, and every move that an item of it can make:
 *
 * - `addItems`: → pending
 * - `claim`: pending → sending; sending under an earlier fence → sending, in doubt
 * - `settle`: sending → done, failed, skipped; or back to pending
 * - `reopen`: failed → pending
 * - `overtake`: pending or failed → done, by whoever made the thing in another way
 *
 * Each names the old state in its condition and counts what came back. What a move says about the destination goes into
 * `placed` or `mails` in the same transaction.
 */

/** A part of a run's phase: dense ordinals, both ends included. */
export interface WorkRange extends RunOfMigration {
  phase: ItemPhase;
  from: number;
  to: number;
}

/** What is to be done for something of which nobody knows that it stands. */
export interface NewItem {
  kind: PlacedKind;
  key: string;
  intent: WorkIntent;
  /** When an earlier run first tried it, without an answer that can be trusted; null for what was never tried. */
  doubtSinceMs: number | null;
}

const NEW_ITEM = {
  ordinal: "integer",
  kind: "text",
  key: "text",
  intent: "text",
  in_doubt: "integer",
  first_claimed_at_ms: "bigint",
};

/** Appends items with dense ordinals after `lastOrdinal`. */
export async function addItems(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  phase: ItemPhase,
  lastOrdinal: number,
  items: readonly NewItem[],
): Promise<void> {
  if (items.length === 0) return;
  const rows = items.map(({ kind, key, intent, doubtSinceMs }, index) => ({
    ordinal: lastOrdinal + 1 + index,
    kind,
    key,
    intent,
    in_doubt: doubtSinceMs === null ? 0 : 1,
    first_claimed_at_ms: doubtSinceMs,
  }));
  await sql`
    insert into work_items (migration_id, generation, phase, ordinal, kind, key, intent, state, fence, attempts,
      in_doubt, first_claimed_at_ms)
    select cast(${migrationId} as integer), cast(${generation} as integer), cast(${phase} as text), ordinal, kind, key,
      intent, 'pending', 0, 0, in_doubt, first_claimed_at_ms
    from ${listedRows(tx, NEW_ITEM, rows)}`.execute(tx);
  await countMoves(tx, { migrationId, generation }, phase, [
    { from: null, to: "pending", items: items.length },
  ]);
  const doubled = Math.floor(Math.log2(lastOrdinal + items.length)) > Math.floor(Math.log2(lastOrdinal));
  if (doubled && isPostgres(tx)) await refreshStatistics(tx);
}

/**
 * PostgreSQL gathers statistics a minute late; until then it reads all items of a phase to find one by its key.
 * A sample of 3,000 rows tells enough, and takes some milliseconds.
 */
async function refreshStatistics(tx: Tx): Promise<void> {
  await sql`set local default_statistics_target = 10`.execute(tx);
  await sql`analyze source_users, placed, work_items`.execute(tx);
}

export interface ClaimedItem {
  ordinal: number;
  kind: PlacedKind;
  key: string;
  intent: WorkIntent;
  inDoubt: boolean;
  firstClaimedAtMs: number;
  attempts: number;
  /** JSON: a source user's attributes, or a planned object's data. Null for what the plan does not hold any more. */
  data: string | null;
}

interface ClaimedRow {
  ordinal: number;
  kind: PlacedKind;
  key: string;
  intent: WorkIntent;
  in_doubt: 0 | 1;
  first_claimed_at_ms: number;
  attempts: number;
  data: string | null;
}

/** Predicates of indexes, word for word: SQLite uses them for no other wording. */
export const IS_OPEN = sql<boolean>`state in ('pending', 'sending')`;
export const HAS_FAILED = sql<boolean>`state = 'failed'`;

/**
 * Takes up to `limit` open items of the range for the attempt that holds `fence`: pending ones, and those that an
 * earlier attempt left in `sending`, which are in doubt from then on.
 */
export async function claim(db: Db, range: WorkRange, fence: number, limit: number): Promise<ClaimedItem[]> {
  const { migrationId, generation, phase, from, to } = range;
  const claimable = sql`((state = 'pending' and fence <= ${fence}) or (state = 'sending' and fence < ${fence}))`;
  const ofPhase = sql`migration_id = ${migrationId} and generation = ${generation} and phase = ${phase}`;
  const { rows } = await sql<ClaimedRow>`
    update work_items set
      state = 'sending', fence = ${fence}, attempts = attempts + 1,
      in_doubt = case when state = 'sending' then 1 else in_doubt end,
      first_claimed_at_ms = coalesce(first_claimed_at_ms, ${nowMsSql(db)})
    where ${ofPhase} and ${claimable} and ordinal in (
      select ordinal from work_items
      where ${ofPhase} and ordinal between ${from} and ${to} and ${IS_OPEN} and ${claimable}
      order by ordinal limit ${limit} ${isPostgres(db) ? sql`for update` : sql``})
    returning ordinal, kind, key, intent, in_doubt, first_claimed_at_ms, attempts, ${dataOf(phase)} as data`.execute(
    db,
  );
  const items = rows
    .map(({ in_doubt, first_claimed_at_ms, ...row }) => ({
      ...row,
      inDoubt: in_doubt === 1,
      firstClaimedAtMs: first_claimed_at_ms,
    }))
    .sort((a, b) => a.ordinal - b.ordinal);
  if (phase === "resets") await claimMails(db, migrationId, items);
  return items;
}

function dataOf(phase: ItemPhase) {
  return phase === "users" || phase === "resets"
    ? sql`(select attributes from source_users
        where source_users.migration_id = work_items.migration_id and source_users.sub = work_items.key)`
    : sql`(select data from planned_objects where planned_objects.migration_id = work_items.migration_id
        and planned_objects.kind = work_items.kind and planned_objects.key = work_items.key
        and planned_objects.generation = work_items.generation)`;
}

/** Throws FencedError unless all of these are still claimed under this fence. */
export async function confirmClaims(
  db: Db,
  range: WorkRange,
  ordinals: readonly number[],
  fence: number,
): Promise<void> {
  const rows = await db
    .selectFrom("work_items")
    .select("ordinal")
    .where("migration_id", "=", range.migrationId)
    .where("generation", "=", range.generation)
    .where("phase", "=", range.phase)
    .where(isOneOf(db, "ordinal", ordinals))
    .where("state", "=", "sending")
    .where("fence", "=", fence)
    .execute();
  if (rows.length !== ordinals.length) throw new FencedError();
}

export interface Settlement {
  item: Pick<ClaimedItem, "ordinal" | "kind" | "key" | "firstClaimedAtMs">;
  /** `pending` puts the item back. */
  state: CountedState;
  /** A call for it may have taken effect. */
  inDoubt: boolean;
  code: string | null;
  message: string | null;
  /** For what is done: what stands, or the mail that went out. */
  fact: Omit<Fact, "kind" | "key" | "firstClaimedAtMs"> | null;
}

const OUTCOME = { ordinal: "integer", state: "text", in_doubt: "integer", code: "text", message: "text" };

/** Writes outcomes; throws FencedError, and writes none, if any of the items is claimed by a later attempt. */
export async function settle(
  tx: Tx,
  range: WorkRange,
  fence: number,
  settlements: readonly Settlement[],
): Promise<void> {
  if (settlements.length === 0) return;
  const ordinals = settlements.map(({ item }) => item.ordinal);
  const rows = settlements.map(({ item, state, inDoubt, code, message }) => ({
    ordinal: item.ordinal,
    state,
    in_doubt: inDoubt ? 1 : 0,
    code,
    message,
  }));
  const result = await sql`
    with outcome as materialized (select * from ${listedRows(tx, OUTCOME, rows)})
    update work_items set
      state = outcome.state, in_doubt = outcome.in_doubt, code = outcome.code, message = outcome.message,
      settled_at_ms = case when outcome.state = 'pending' then null else ${nowMsSql(tx)} end
    from outcome
    where work_items.migration_id = ${range.migrationId} and work_items.generation = ${range.generation}
      and work_items.phase = ${range.phase} and work_items.ordinal = outcome.ordinal
      -- Without bounds SQLite reads the whole phase.
      and work_items.ordinal between ${Math.min(...ordinals)} and ${Math.max(...ordinals)}
      and work_items.state = 'sending' and work_items.fence = ${fence}`.execute(tx);
  if (Number(result.numAffectedRows ?? 0n) !== settlements.length) throw new FencedError();
  if (range.phase === "resets") await settleMails(tx, range.migrationId, settlements);
  else await noteOutcomes(tx, range.migrationId, settlements);
  const moves = [...Map.groupBy(settlements, ({ state }) => state)]
    .filter(([state]) => state !== "pending")
    .map(([to, same]) => ({ from: "pending" as const, to, items: same.length }));
  await countMoves(tx, range, range.phase, moves);
}

/** What the outcomes say about the destination. */
async function noteOutcomes(tx: Tx, migrationId: number, settlements: readonly Settlement[]): Promise<void> {
  await noteStanding(
    tx,
    migrationId,
    settlements.flatMap(({ item, fact }) =>
      fact === null
        ? []
        : [{ kind: item.kind, key: item.key, firstClaimedAtMs: item.firstClaimedAtMs, ...fact }],
    ),
  );
  const ended = settlements.filter(({ state }) => state === "failed" || state === "skipped");
  await noteDoubts(
    tx,
    migrationId,
    ended.filter(({ inDoubt }) => inDoubt).map(({ item }) => item),
  );
  await dropDoubts(
    tx,
    migrationId,
    ended.filter(({ inDoubt }) => !inDoubt).map(({ item }) => item),
  );
}

/** Keeps each statement of `reopen` short. */
const REOPEN_SLICE = 1_000;

/** Opens some of what failed with this code again; returns how many. A try whose effect is in doubt stays in doubt. */
export async function reopenSome(
  tx: Tx,
  run: RunOfMigration,
  phase: ItemPhase,
  code: string,
): Promise<number> {
  const { migrationId, generation } = run;
  const failedWithCode = sql`migration_id = ${migrationId} and generation = ${generation} and phase = ${phase}
    and ${HAS_FAILED} and code = ${code}`;
  const { rows } = await sql<{ ordinal: number }>`
    select ordinal from work_items where ${failedWithCode}
    order by ordinal limit ${REOPEN_SLICE} ${isPostgres(tx) ? sql`for update` : sql``}`.execute(tx);
  const ordinals = rows.map(({ ordinal }) => ordinal);
  const result = await sql`
    update work_items set state = 'pending', settled_at_ms = null
    where ${failedWithCode} and ${isOneOf(tx, "ordinal", ordinals)}`.execute(tx);
  const reopened = Number(result.numAffectedRows ?? 0n);
  await countMoves(tx, run, phase, [{ from: "failed", to: "pending", items: reopened }]);
  return reopened;
}

/**
 * Something was made in another way while it waited in the queue of the newest run, or had failed there: its item is
 * done. One that is being sent at this moment finds out by itself.
 */
export async function overtake(
  tx: Tx,
  run: RunOfMigration,
  phase: ItemPhase,
  { kind, key }: { kind: PlacedKind; key: string },
): Promise<void> {
  for (const from of ["pending", "failed"] as const) {
    const done = await tx
      .updateTable("work_items")
      .set({ state: "done", in_doubt: 0, code: null, message: null, settled_at_ms: nowMsSql(tx) })
      .where("migration_id", "=", run.migrationId)
      .where("generation", "=", run.generation)
      .where("phase", "=", phase)
      .where("key", "=", key)
      .where("kind", "=", kind)
      .where("state", "=", from)
      .executeTakeFirst();
    await countMoves(tx, run, phase, [{ from, to: "done", items: Number(done.numUpdatedRows) }]);
  }
}

interface ClosedRow {
  generation: number;
  phase: string;
  ordinal: number;
  kind: PlacedKind;
  key: string;
  state: WorkItemState;
  in_doubt: 0 | 1;
  first_claimed_at_ms: number | null;
}

/**
 * Takes some items of earlier runs away; returns how many. What may have taken effect is in doubt from then on, whoever
 * comes. An attempt of such a run that is still at work finds nothing to claim, confirm or settle any more.
 */
export async function closeEarlier(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  limit: number,
): Promise<number> {
  const { rows } = await sql<ClosedRow>`
    select generation, phase, ordinal, kind, key, state, in_doubt, first_claimed_at_ms from work_items
    where migration_id = ${migrationId} and generation < ${generation}
    order by generation, phase, ordinal limit ${limit} ${isPostgres(tx) ? sql`for update` : sql``}`.execute(
    tx,
  );
  await deleteItems(tx, migrationId, rows);
  const doubtful = rows.flatMap(
    ({ phase, kind, key, state, in_doubt, first_claimed_at_ms: firstClaimedAtMs }) =>
      // Mails are claimed in a book of their own.
      phase !== "resets" && firstClaimedAtMs !== null && (state === "sending" || in_doubt === 1)
        ? [{ kind, key, firstClaimedAtMs }]
        : [],
  );
  await noteDoubts(tx, migrationId, doubtful);
  if (rows.length === 0)
    await tx
      .deleteFrom("phase_counts")
      .where("migration_id", "=", migrationId)
      .where("generation", "<", generation)
      .execute();
  return rows.length;
}

/** These follow each other in the queue. */
async function deleteItems(tx: Tx, migrationId: number, rows: readonly ClosedRow[]): Promise<void> {
  for (const part of Map.groupBy(rows, ({ generation, phase }) => `${generation} ${phase}`).values()) {
    const [first] = part;
    const last = part.at(-1);
    if (first === undefined || last === undefined) continue;
    await tx
      .deleteFrom("work_items")
      .where("migration_id", "=", migrationId)
      .where("generation", "=", first.generation)
      .where("phase", "=", first.phase)
      .where("ordinal", ">=", first.ordinal)
      .where("ordinal", "<=", last.ordinal)
      .execute();
  }
}
