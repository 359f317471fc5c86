import { type RawBuilder, sql } from "kysely";
import {
  CLOCK_CORRECTION_MS,
  greatest,
  isOneOf,
  isPostgres,
  least,
  ledgerNowMs,
  nowMsSql,
} from "./dialect.ts";
import type { Db, Ledger, Tx } from "./ledger.ts";

/** Slots are granted at most this far ahead, so that a pause or a new pace acts at once. */
export const PACE_HORIZON_MS = 500;

/** Debts that nobody can pay any more are forgotten: vendors' limits look back no further. */
const MAX_DEBT_MS = 10_000;
/** No vendor is waited for longer without asking it again. */
const MAX_BLOCK_MS = 60 * 60_000;

/**
 * Reserves up to `wanted` slots that every row named by `keys` allows within the horizon, or moves nothing and says how
 * long to wait. Each row is a GCRA (generic cell rate algorithm) without burst. One asked alone keeps its rate exactly;
 * one that shares its slots with a slower row may see some of them up to the horizon later: then no window of t seconds
 * holds more than rate · (t + 0.5) + 1 calls.
 */
export function reserve(ledger: Ledger, keys: readonly string[], wanted: number): Promise<Grant> {
  return ledger.changeSoon((db) => reserveAt(db, keys, wanted, nowMsSql(db)));
}

export interface Grant {
  /** When each granted slot is due, earliest first. */
  delaysMs: number[];
  /** How long to wait before asking again; 0 if anything was granted. */
  waitMs: number;
}

/** One statement, so that whoever waits for the rows waits for it alone. */
export async function reserveAt(
  db: Db,
  keys: readonly string[],
  wanted: number,
  nowMs: RawBuilder<number>,
): Promise<Grant> {
  const horizonMs = sql.lit(PACE_HORIZON_MS);
  const granted = least(db, sql`slots`, sql`${wanted}`);
  const { rows } = await sql<GrantedRow>`
    with instant as materialized (select ${nowMs} as now_ms),
    asked as materialized (
      select key, next_at_ms, blocked_until_ms, 1000.0 / per_second as interval_ms
      from pace where ${isOneOf(db, "key", keys)} order by key ${isPostgres(db) ? sql`for update` : sql``}),
    lanes as materialized (
      select key, interval_ms, now_ms, ${startMs(db)} as start_ms from asked, instant),
    offer as materialized (
      select min(case when start_ms > now_ms + ${horizonMs} then 0
        else floor((now_ms + ${horizonMs} - start_ms) / interval_ms) + 1 end) as slots from lanes)
    update pace set granted = ${granted}, granted_from_ms = start_ms,
      next_at_ms = case when slots = 0 then pace.next_at_ms else start_ms + ${granted} * interval_ms end
    from lanes, offer where pace.key = lanes.key
    returning granted, granted_from_ms as "fromMs", per_second as "perSecond", ${nowMs} as "nowMs"`.execute(
    db,
  );
  // Without its row a kind of call would have no limit at all.
  if (rows.length !== new Set(keys).size) throw new Error("A kind of call has no pace in the ledger.");
  return grantOf(rows);
}

interface GrantedRow {
  /** As many as every row allows. */
  granted: number;
  /** When the row's next slot was due. */
  fromMs: number;
  perSecond: number;
  nowMs: number;
}

function grantOf(rows: readonly GrantedRow[]): Grant {
  const dueInMs = (slot: number) =>
    Math.max(0, ...rows.map(({ fromMs, perSecond, nowMs }) => fromMs + (slot * 1_000) / perSecond - nowMs));
  const granted = rows[0]?.granted ?? 0;
  if (granted === 0) return { delaysMs: [], waitMs: dueInMs(0) };
  return { delaysMs: Array.from({ length: granted }, (_, slot) => dueInMs(slot)), waitMs: 0 };
}

/** An instant further ahead than anybody sets one comes of a clock that was set back since: it would hold all up as long. */
function startMs(db: Db): RawBuilder<number> {
  const nextMs = sql`case when next_at_ms > now_ms + ${sql.lit(PACE_HORIZON_MS + MAX_DEBT_MS)} + interval_ms
    then now_ms else next_at_ms end`;
  const blockedMs = sql`case when blocked_until_ms > now_ms + ${sql.lit(MAX_BLOCK_MS + CLOCK_CORRECTION_MS)}
    then now_ms else blocked_until_ms end`;
  return greatest(db, sql`now_ms`, nextMs, blockedMs);
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
  const laterMs = sql`${greatest(db, sql`next_at_ms`, nowMs)} + ${calls} * 1000.0 / per_second`;
  const paidMs = least(db, laterMs, sql`${nowMs} + ${MAX_DEBT_MS}`);
  await sql`
    update pace set next_at_ms = ${greatest(db, sql`next_at_ms`, paidMs)} where key = ${key}`.execute(db);
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
