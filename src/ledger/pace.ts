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

/** Debts that take longer than this to make up for are forgotten: vendors' limits look back no further. */
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

/** One statement, so that whoever waits for the rows waits for it alone. Where calls are owed, a slot costs two. */
export async function reserveAt(
  db: Db,
  keys: readonly string[],
  wanted: number,
  nowMs: RawBuilder<number>,
): Promise<Grant> {
  const horizonMs = sql.lit(PACE_HORIZON_MS);
  const granted = least(db, sql`slots`, sql`${wanted}`);
  const paid = least(db, sql`lanes.owed`, granted);
  // Of slots after the first one each is two intervals later while calls are owed, and one after that.
  const steps = greatest(db, sql`ahead / 2`, sql`ahead - owed`);
  const { rows } = await sql<GrantedRow>`
    with instant as materialized (select ${nowMs} as now_ms),
    asked as materialized (
      select key, next_at_ms, blocked_until_ms, owed, per_second, 1000.0 / per_second as interval_ms
      from pace where ${isOneOf(db, "key", keys)} order by key ${isPostgres(db) ? sql`for update` : sql``}),
    lanes as materialized (
      select key, interval_ms, now_ms, ${startMs(db)} as start_ms, ${stillOwed(db, sql`now_ms`)} as owed
      from asked, instant),
    reach as materialized (
      select owed, (now_ms + ${horizonMs} - start_ms) / interval_ms as ahead from lanes),
    offer as materialized (
      select min(case when ahead < 0 then 0 else floor(${steps}) + 1 end) as slots from reach)
    update pace set granted = ${granted}, granted_from_ms = start_ms,
      next_at_ms = case when slots = 0 then pace.next_at_ms else start_ms + (${granted} + ${paid}) * interval_ms end,
      owed = case when slots = 0 then pace.owed else lanes.owed - ${paid} end
    from lanes, offer where pace.key = lanes.key
    returning granted, granted_from_ms as "fromMs", next_at_ms as "nextAtMs", per_second as "perSecond", ${nowMs} as "nowMs"`.execute(
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
  nextAtMs: number;
  perSecond: number;
  nowMs: number;
}

function grantOf(rows: readonly GrantedRow[]): Grant {
  const granted = rows[0]?.granted ?? 0;
  if (granted === 0) return { delaysMs: [], waitMs: Math.max(0, ...rows.map(untilNextMs)) };
  const dueInMs = (slot: number) => Math.max(0, ...rows.map((row) => untilSlotMs(row, slot)));
  return { delaysMs: Array.from({ length: granted }, (_, slot) => dueInMs(slot)), waitMs: 0 };
}

function untilNextMs({ fromMs, nowMs }: GrantedRow): number {
  return fromMs - nowMs;
}

/** Of the slots that the row has granted. */
function untilSlotMs({ granted, fromMs, nextAtMs, perSecond, nowMs }: GrantedRow, slot: number): number {
  const intervalMs = 1_000 / perSecond;
  const paid = (nextAtMs - fromMs) / intervalMs - granted;
  return fromMs + (slot + Math.min(slot, paid)) * intervalMs - nowMs;
}

/** An instant further ahead than anybody sets one comes of a clock that was set back since: it would hold all up as long. */
function startMs(db: Db): RawBuilder<number> {
  const nextMs = sql`case when next_at_ms > now_ms + ${sql.lit(PACE_HORIZON_MS + CLOCK_CORRECTION_MS)} + 2 * interval_ms
    then now_ms else next_at_ms end`;
  const blockedMs = sql`case when blocked_until_ms > now_ms + ${sql.lit(MAX_BLOCK_MS + CLOCK_CORRECTION_MS)}
    then now_ms else blocked_until_ms end`;
  return greatest(db, sql`now_ms`, nextMs, blockedMs);
}

/** Slots that nobody took have made up for some of it. */
function stillOwed(db: Db, nowMs: RawBuilder<number>): RawBuilder<number> {
  const unusedMs = greatest(db, sql`0`, sql`${nowMs} - next_at_ms`);
  return greatest(db, sql`0`, sql`owed - ${unusedMs} * per_second / 1000.0`);
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
        next_at_ms: least(
          tx,
          sql`pace.next_at_ms - 1000.0 / pace.per_second + ${intervalMs}`,
          // Where calls are owed the last slot has cost two.
          sql`${nowMsSql(tx)} + cast(${PACE_HORIZON_MS + 2 * intervalMs} as double precision)`,
        ),
      }),
    )
    .execute();
}

/**
 * Counts calls that went out without a slot, because somebody waits at a sign-in. Whoever reserves makes up for them at
 * half the pace: the other half is theirs, however many such calls there are. A row that is not there limits nobody.
 */
export async function debit(db: Db, key: string, calls: number): Promise<void> {
  const nowMs = nowMsSql(db);
  const owed = sql`${stillOwed(db, nowMs)} + ${calls}`;
  const mostOwed = sql`per_second * ${sql.lit(MAX_DEBT_MS / 1_000)}`;
  await sql`
    update pace set owed = ${least(db, owed, mostOwed)}, next_at_ms = ${greatest(db, sql`next_at_ms`, nowMs)}
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
