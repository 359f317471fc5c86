import { sql } from "kysely";
import { CLOCK_CORRECTION_MS, isOneOf, isPostgres, ledgerNowMs, listedRows, nowMsSql } from "./dialect.ts";
import type { Db, Ledger, Tx } from "./ledger.ts";

/** Slots are granted at most this far ahead, so that a pause or a new pace acts at once. */
export const PACE_HORIZON_MS = 500;

/** Debts that nobody can pay any more are forgotten: vendors' limits look back no further. */
const MAX_DEBT_MS = 10_000;
/** No vendor is waited for longer without asking it again. */
const MAX_BLOCK_MS = 60 * 60_000;

/** One row of the pace: a GCRA (generic cell rate algorithm) without burst. Instants are epoch milliseconds. */
export interface PaceState {
  perSecond: number;
  nextAtMs: number;
  blockedUntilMs: number;
}

export interface Grant {
  /** When each granted slot is due, earliest first. */
  dueAtMs: number[];
  /** The new `nextAtMs` of each row, in the order of the rows. */
  nextAtMs: number[];
  /** How long to wait before asking again; 0 if anything was granted. */
  waitMs: number;
}

/**
 * Grants up to `wanted` slots that every one of the rows allows within the horizon. Pure.
 * A row asked alone keeps its rate exactly. One that shares its slots with a slower row may see some of them up to the
 * horizon later: then no window of t seconds holds more than rate · (t + 0.5) + 1 calls.
 */
export function grant(rows: readonly PaceState[], wanted: number, nowMs: number): Grant {
  const lanes = rows.map((row) => ({ intervalMs: 1_000 / row.perSecond, startMs: startMs(row, nowMs) }));
  const due = (slot: number) =>
    Math.max(nowMs, ...lanes.map((lane) => lane.startMs + slot * lane.intervalMs));
  const dueAtMs: number[] = [];
  while (dueAtMs.length < wanted && due(dueAtMs.length) <= nowMs + PACE_HORIZON_MS)
    dueAtMs.push(due(dueAtMs.length));
  const granted = dueAtMs.length;
  if (granted === 0) return { dueAtMs, nextAtMs: rows.map((row) => row.nextAtMs), waitMs: due(0) - nowMs };
  return { dueAtMs, nextAtMs: lanes.map((lane) => lane.startMs + granted * lane.intervalMs), waitMs: 0 };
}

/** An instant further ahead than anybody sets one comes of a clock that was set back since: it would hold all up as long. */
function startMs({ perSecond, nextAtMs, blockedUntilMs }: PaceState, nowMs: number): number {
  const farthestMs = nowMs + PACE_HORIZON_MS + MAX_DEBT_MS + 1_000 / perSecond;
  const nextMs = nextAtMs > farthestMs ? nowMs : nextAtMs;
  const blockedMs = blockedUntilMs > nowMs + MAX_BLOCK_MS + CLOCK_CORRECTION_MS ? nowMs : blockedUntilMs;
  return Math.max(nextMs, blockedMs, nowMs);
}

/** Reserves slots in every row named by `keys`, or moves nothing and says how long to wait. */
export async function reserve(ledger: Ledger, keys: readonly string[], wanted: number) {
  return ledger.writeSoon(async (tx) => {
    const rows = await lockRows(tx, keys);
    const nowMs = rows[0]?.nowMs ?? 0;
    const granted = grant(rows, wanted, nowMs);
    const moved = rows.map(({ key }, index) => ({ key, next_at_ms: granted.nextAtMs[index] ?? 0 }));
    if (granted.waitMs === 0)
      await sql`
        with moved as materialized (select key, next_at_ms from ${listedRows(tx, MOVED, moved)})
        update pace set next_at_ms = moved.next_at_ms from moved where pace.key = moved.key`.execute(tx);
    return { delaysMs: granted.dueAtMs.map((dueAtMs) => dueAtMs - nowMs), waitMs: granted.waitMs };
  });
}

const MOVED = { key: "text", next_at_ms: "double precision" };

interface LockedRow extends PaceState {
  key: string;
  nowMs: number;
}

async function lockRows(tx: Tx, keys: readonly string[]): Promise<LockedRow[]> {
  const { rows } = await sql<LockedRow>`
    select key, per_second as "perSecond", next_at_ms as "nextAtMs", blocked_until_ms as "blockedUntilMs",
      ${nowMsSql(tx)} as "nowMs"
    from pace where ${isOneOf(tx, "key", keys)} order by key ${isPostgres(tx) ? sql`for update` : sql``}`.execute(
    tx,
  );
  // Without its row a kind of call would have no limit at all.
  if (rows.length !== new Set(keys).size) throw new Error("A kind of call has no pace in the ledger.");
  return rows;
}

/**
 * Sets the rate of a row, making the row if need be. The next slot is due one new interval after the last one granted:
 * a new rate acts on the next call, and setting a rate again grants nothing extra.
 */
export async function setPace(tx: Tx, key: string, perSecond: number): Promise<void> {
  const intervalMs = 1_000 / perSecond;
  await tx
    .insertInto("pace")
    .values({ key, per_second: perSecond, next_at_ms: 0, blocked_until_ms: 0 })
    .onConflict((conflict) =>
      conflict.column("key").doUpdateSet({
        per_second: perSecond,
        next_at_ms: sql<number>`pace.next_at_ms - 1000.0 / pace.per_second + ${intervalMs}`,
      }),
    )
    .execute();
}

/**
 * Counts calls that went out without a slot, because somebody waits at a sign-in: whoever reserves next waits that much
 * longer. A row that is not there limits nobody.
 */
export async function debit(db: Db, key: string, calls: number): Promise<void> {
  const nowMs = nowMsSql(db);
  const [larger, smaller] = isPostgres(db) ? ["greatest", "least"] : ["max", "min"];
  const later = sql`${sql.raw(larger)}(next_at_ms, ${nowMs}) + ${calls} * 1000.0 / per_second`;
  await sql`
    update pace set next_at_ms = ${sql.raw(larger)}(
      next_at_ms, ${sql.raw(smaller)}(${later}, ${nowMs} + ${MAX_DEBT_MS}))
    where key = ${key}`.execute(db);
}

/** The destination asked everyone to wait: no slot of these rows is due before then. */
export async function blockPace(tx: Tx, keys: readonly string[], forMs: number): Promise<void> {
  const until = (await ledgerNowMs(tx)) + Math.min(forMs, MAX_BLOCK_MS);
  await tx
    .updateTable("pace")
    .set({ blocked_until_ms: until })
    .where("key", "in", keys)
    .where("blocked_until_ms", "<", until)
    .execute();
}

/** Rates by key, for reports. */
export async function readPace(ledger: Ledger, keys: readonly string[]): Promise<Map<string, number>> {
  const rows = await ledger.read((db) =>
    db.selectFrom("pace").select(["key", "per_second"]).where("key", "in", keys).execute(),
  );
  return new Map(rows.map((row) => [row.key, row.per_second]));
}
