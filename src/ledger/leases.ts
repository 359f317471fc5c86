import { sql } from "kysely";
import { HEARTBEAT_TIMEOUT_MS } from "../domain/contract.ts";
import { isAhead, isPostgres, listedRows, nowMsSql } from "./dialect.ts";
import type { Db } from "./ledger.ts";

/**
 * Calls in flight that a destination bears, each a numbered slot that one holder has until an instant by the ledger's
 * clock: over batches, workers and migrations. What the holder does not renew, because its worker died, is free again.
 */

/** About as long as Temporal takes to find out that a worker is gone: the shortest lease. */
export const LEASE_MS = HEARTBEAT_TIMEOUT_MS;
/** How long a holder is told that somebody else goes short: longer than it takes to renew once. */
const WANT_MS = 2_500;

export interface LeaseHolder {
  /** Whose calls: `<kind>/<environment>/<sender>`. */
  key: string;
  /** One attempt of one batch. */
  holder: string;
  /** A slot is free so long after its holder has died. */
  leaseMs: number;
}

export interface Renewed {
  /** What the holder still has. */
  slots: number[];
  /** Somebody else goes short. */
  isWanted: boolean;
  /** Slots that somebody has, the holder's own among them. */
  taken: number;
}

/**
 * Takes up to `wanted` of the slots 1 to `callsInFlight` that are free. One statement; where two ask at once, the
 * database lets one of them have each slot, and the other gets fewer.
 */
export async function takeLeases(
  db: Db,
  { key, holder, leaseMs }: LeaseHolder,
  callsInFlight: number,
  wanted: number,
): Promise<number[]> {
  if (wanted <= 0) return [];
  const nowMs = nowMsSql(db);
  const { rows } = await sql<{ slot: number }>`
    with recursive numbered (slot) as (
      select 1 union all select slot + 1 from numbered where slot < cast(${callsInFlight} as integer))
    insert into call_leases (key, slot, holder, until_ms, wanted_until_ms)
    select cast(${key} as text), slot, cast(${holder} as text), ${nowMs} + ${sql.lit(leaseMs)}, 0 from numbered
    where not exists (
      select 1 from call_leases held
      where held.key = ${key} and held.slot = numbered.slot and ${isAhead(db, "held.until_ms", leaseMs)})
    order by slot limit ${wanted}
    on conflict (key, slot) do update set holder = excluded.holder, until_ms = excluded.until_ms
      where not (${isAhead(db, "call_leases.until_ms", leaseMs)})
    returning slot`.execute(db);
  return rows.map(({ slot }) => slot);
}

/** Keeps what the holder has for another lease time; a slot that ran out meanwhile is not among the answer. */
export async function renewLeases(db: Db, { key, holder, leaseMs }: LeaseHolder): Promise<Renewed> {
  const nowMs = nowMsSql(db);
  const { rows } = await sql<{ slot: number; wanted: 0 | 1; taken: number }>`
    update call_leases set until_ms = ${nowMs} + ${sql.lit(leaseMs)}
    where key = ${key} and holder = ${holder} and until_ms > ${nowMs}
    returning slot, case when ${isAhead(db, "wanted_until_ms", WANT_MS)} then 1 else 0 end as wanted, (
      select cast(count(*) as integer) from call_leases held
      where held.key = ${key} and ${isAhead(db, "held.until_ms", leaseMs)}) as taken`.execute(db);
  return {
    slots: rows.map(({ slot }) => slot),
    isWanted: rows.some(({ wanted }) => wanted === 1),
    taken: rows[0]?.taken ?? 0,
  };
}

/** Tells whoever has more than its share that somebody goes short. */
export async function wantLeases(db: Db, key: string): Promise<void> {
  await sql`
    update call_leases set wanted_until_ms = ${nowMsSql(db)} + ${sql.lit(WANT_MS)}
    where key = ${key} ${isPostgres(db) ? inOneOrder(key) : sql``}`.execute(db);
}

/** Whoever takes and whoever wants lock the rows in the same order, so that neither waits for the other. */
const inOneOrder = (key: string) =>
  sql`and slot in (select slot from call_leases where key = ${key} order by slot for update)`;

const SLOT = { slot: "integer" };

/** Frees slots at once; one that somebody else has by now stays theirs. */
export async function giveBackLeases(
  db: Db,
  { key, holder }: LeaseHolder,
  slots: readonly number[],
): Promise<void> {
  if (slots.length === 0) return;
  const listed = listedRows(
    db,
    SLOT,
    slots.map((slot) => ({ slot })),
  );
  await sql`
    update call_leases set until_ms = 0
    where key = ${key} and holder = ${holder} and slot in (select slot from ${listed})`.execute(db);
}
