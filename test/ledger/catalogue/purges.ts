import { countsOf } from "../../../src/ledger/bridge-limits.ts";
import { type Key, keyedSlice } from "../../../src/ledger/keyed-slices.ts";
import { bridgeTakesMs, lastWork } from "../../../src/ledger/last-work.ts";
import type { Tx } from "../../../src/ledger/ledger.ts";
import { ID_MAP_PARTS, type Part, PERSONAL_PARTS } from "../../../src/ledger/personal-data.ts";
import { beginPurge, endPurge, purgedAt, removeAmong, stillHolds } from "../../../src/ledger/purge.ts";
import { closeOpen } from "../../../src/ledger/queue-reopening.ts";
import { identityOf, isPurgedNow, readMigration } from "../../../src/ledger/runs.ts";
import { largeGroup } from "../large.ts";
import { type Asked, asking, type Pool, RUN, telling } from "./pool.ts";

const SLICE_ROWS = 1_000;

/** What a purge asks and tells, of the middle of each table, and of its start. */
export function purgesOf(pool: Pool): Record<string, Asked[]> {
  const parts = [...PERSONAL_PARTS, ...ID_MAP_PARTS];
  return {
    keyedSlice: parts.flatMap((part) => [
      asking((db) => keyedSlice(db, 1, part, sliceOf(part, null))),
      asking((db) => keyedSlice(db, 1, part, sliceOf(part, middleOf(part, pool)))),
    ]),
    removeAmong: parts.flatMap((part) => [
      telling((tx) => removeFrom(tx, part, null)),
      telling((tx) => removeFrom(tx, part, middleOf(part, pool))),
    ]),
    closeOpen: [telling((tx) => closeOpen(tx, RUN, SLICE_ROWS))],
    lastWork: [(ledger) => lastWork(ledger, 1)],
    bridgeTakesMs: [(ledger) => bridgeTakesMs(ledger, 1)],
    isPurgedNow: [telling((tx) => isPurgedNow(tx, 1))],
    purgedAt: [asking((db) => purgedAt(db, 1))],
    beginPurge: [telling(async (tx) => beginPurge(tx, await readMigration(tx, 1), true))],
    stillHolds: [telling(async (tx) => stillHolds(tx, await hold(tx)))],
    endPurge: [telling(async (tx) => endPurge(tx, await hold(tx)))],
    countsOf: [asking(async (db) => countsOf(db, await identityOf(db, 1)))],
  };
}

async function hold(tx: Tx) {
  const begun = await beginPurge(tx, await readMigration(tx, 1), false);
  if (begun === null) throw new Error("No purge began.");
  return begun;
}

function sliceOf({ holds }: Part, after: Key | null) {
  return { value: `case when ${holds} then 1 else 0 end`, after, limit: SLICE_ROWS };
}

async function removeFrom(tx: Tx, part: Part, after: Key | null): Promise<void> {
  const rows = await keyedSlice(tx, 1, part, sliceOf(part, after));
  await removeAmong(
    tx,
    1,
    part,
    rows.map(({ key }) => key),
  );
}

/** A key in the middle of a table. */
function middleOf({ key }: Part, pool: Pool): Key {
  const values: Record<string, string | number> = {
    sub: pool.sub,
    provider: "Corp",
    user_id: String(pool.middle),
    group_name: largeGroup(pool.middle),
    key: key.length === 1 ? pool.sub : pool.membership,
    kind: "membership",
    generation: 1,
    phase: "users",
    ordinal: pool.middle,
    destination_id: `id_${pool.middle}`,
    reset_id: `reset_${pool.middle}`,
  };
  return key.map((name) => values[name] ?? "m");
}
