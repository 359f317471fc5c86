import { sql } from "kysely";
import { countsOf, dropCounts, dropOver } from "./bridge-limits.ts";
import { isOneOf, isPostgres, nowMsSql } from "./dialect.ts";
import { OF_NO_MIGRATION } from "./failures.ts";
import { forgetStatistics } from "./forgotten-statistics.ts";
import { type Key, keyedSlices, ofMigration } from "./keyed-slices.ts";
import type { Db, Ledger, Tx } from "./ledger.ts";
import {
  ID_MAP_PARTS,
  type OF_MIGRATION,
  type Part,
  PERSONAL_DATA,
  PERSONAL_PARTS,
  type PersonalData,
} from "./personal-data.ts";
import { closeOpen } from "./queue-reopening.ts";
import { identityOf, type MigrationRow, type RunOfMigration } from "./runs.ts";

/**
 * Removes the personal data of a migration, in slices that any crash may end: what is gone is gone, and the next call
 * finds the rest. No run begins meanwhile, and no bridge brings anybody, from `beginPurge` on.
 */

/** Keeps each statement far under 250 ms: rows of people are wide, and lie in several indexes. */
const SLICE_ROWS = 1_000;
/** Of a slice that is only looked at. */
const COUNTED_ROWS = 5_000;
/** Greater than any attempt's: one of a run that is over moves no walk on. */
const BEYOND_ATTEMPTS = Number.MAX_SAFE_INTEGER;

/** When personal data of this migration was removed last; null if never. What a later walk read is there again. */
export async function purgedAt(db: Db, migrationId: number): Promise<number | null> {
  const row = await db
    .selectFrom("migrations")
    .select("purged_at_ms")
    .where("id", "=", migrationId)
    .executeTakeFirst();
  return row?.purged_at_ms ?? null;
}

/** One purge's hold on a migration: another one that begins takes it away, and so does the end of either. */
export interface PurgeHold {
  run: RunOfMigration;
  begunAtMs: number;
}

/** Another purge of the same migration began, or ended, since this one did: what it removes now may be of a later run. */
export class PurgeTakenOverError extends Error {
  override readonly name = "PurgeTakenOverError";
}

/**
 * Null where a run began since `migration` was read, or ended, or a purge of the id map began: whoever was asked then was asked
 * about something else. What such a purge has begun is ended by another one of the id map alone.
 */
export async function beginPurge(
  tx: Tx,
  { id, generation, owner, file }: MigrationRow,
  withIdMap: boolean,
): Promise<PurgeHold | null> {
  const forgotten = {
    id_map_purged: 1 as const,
    file: JSON.stringify({ source: file.source, destination: file.destination }),
    file_in_force: null,
    selecting_since: null,
  } satisfies Record<(typeof OF_MIGRATION)[number], unknown> & { id_map_purged: 1 };
  const begun = await tx
    .updateTable("migrations")
    .set({
      // Two that begin in the same millisecond are told apart.
      purge_begun_at_ms: sql<number>`case when purge_begun_at_ms >= ${nowMsSql(tx)} then purge_begun_at_ms + 1
        else ${nowMsSql(tx)} end`,
      purged_at_ms: null,
      purged_generation: generation,
      ...{ owner_namespace: null, owner_workflow_id: null, owner_run_id: null },
      ...(withIdMap ? forgotten : {}),
    })
    .where("id", "=", id)
    .where("generation", "=", generation)
    .where("owner_run_id", owner === null ? "is" : "=", owner?.firstRunId ?? null)
    .$if(!withIdMap, (query) => query.where("id_map_purged", "=", 0))
    .returning("purge_begun_at_ms as begunAtMs")
    .executeTakeFirst();
  const begunAtMs = begun?.begunAtMs ?? null;
  return begunAtMs === null ? null : { run: { migrationId: id, generation }, begunAtMs };
}

export async function endPurge(tx: Tx, hold: PurgeHold): Promise<void> {
  await stillHolds(tx, hold);
  await tx
    .updateTable("migrations")
    .set({ purged_at_ms: nowMsSql(tx) })
    .where("id", "=", hold.run.migrationId)
    .execute();
}

/** Until the end of the transaction, too. Throws PurgeTakenOverError. */
export async function stillHolds(tx: Tx, { run, begunAtMs }: PurgeHold): Promise<void> {
  const held = await tx
    .selectFrom("migrations")
    .select("id")
    .where("id", "=", run.migrationId)
    .where("purge_begun_at_ms", "=", begunAtMs)
    .where("purged_at_ms", "is", null)
    .$if(isPostgres(tx), (query) => query.forShare())
    .executeTakeFirst();
  if (held === undefined)
    throw new PurgeTakenOverError("Another purge of this migration began or ended since this one began.");
}

export type PersonalCounts = Record<PersonalData, number>;

/** How much there is to remove, counted in slices. */
export async function countPersonalData(ledger: Ledger, migrationId: number): Promise<PersonalCounts> {
  const counts = await throughParts(migrationId, (part, id) =>
    walk(ledger, id, part, COUNTED_ROWS, async ({ length }) => length),
  );
  counts.tries = await ledger.read(async (db) => countsOf(db, await identityOf(db, migrationId)));
  return counts;
}

/** Removes what there is, and returns how much it was. Throws PurgeTakenOverError as soon as another purge has begun. */
export async function removePersonalData(
  ledger: Ledger,
  hold: PurgeHold,
  withIdMap: boolean,
): Promise<PersonalCounts> {
  const { migrationId } = hold.run;
  const held = <T>(change: (tx: Tx) => Promise<T>) =>
    ledger.writeSoon(async (tx) => {
      await stillHolds(tx, hold);
      return change(tx);
    });
  await fence(held, hold.run);
  const remove = (part: Part, id: number) =>
    walk(ledger, id, part, SLICE_ROWS, (keys) => held((tx) => removeAmong(tx, id, part, keys)));
  const removed = await throughParts(migrationId, remove);
  if (withIdMap) for (const part of ID_MAP_PARTS) await remove(part, migrationId);
  removed.tries = await removeTries(ledger, migrationId);
  await ledger.sync();
  await forgetStatistics(ledger, withIdMap);
  return removed;
}

/** Digests of addresses: whoever guesses one can tell. Also of counts that are over, of whichever migration. */
async function removeTries(ledger: Ledger, migrationId: number): Promise<number> {
  const identity = await ledger.read((db) => identityOf(db, migrationId));
  let removed = 0;
  for (let some = -1; some !== 0; removed += some)
    some = await ledger.change((db) => dropCounts(db, identity, SLICE_ROWS));
  while ((await ledger.change((db) => dropOver(db, SLICE_ROWS))) > 0);
  return removed;
}

/** Of a run that is over, an attempt may be at work still: it finds nothing to send, and writes no page. */
async function fence(
  held: <T>(change: (tx: Tx) => Promise<T>) => Promise<T>,
  run: RunOfMigration,
): Promise<void> {
  while ((await held((tx) => closeOpen(tx, run, SLICE_ROWS))) > 0);
  await held((tx) =>
    tx
      .updateTable("cursors")
      .set({ fence: BEYOND_ATTEMPTS })
      .where("migration_id", "=", run.migrationId)
      .execute(),
  );
}

async function throughParts(
  migrationId: number,
  work: (part: Part, migrationId: number) => Promise<number>,
): Promise<PersonalCounts> {
  const counts = Object.fromEntries(PERSONAL_DATA.map((what) => [what, 0])) as PersonalCounts;
  for (const part of PERSONAL_PARTS)
    for (const id of part.alsoOfNone ? [migrationId, OF_NO_MIGRATION] : [migrationId])
      counts[part.what] += await work(part, id);
  return counts;
}

/** Has `work` done with the keys of each slice that hold something; returns the sum of what it returned. */
async function walk(
  ledger: Ledger,
  migrationId: number,
  part: Part,
  rows: number,
  work: (keys: readonly Key[]) => Promise<number>,
): Promise<number> {
  const value = `case when ${part.holds} then 1 else 0 end`;
  let sum = 0;
  for await (const slice of keyedSlices(ledger, migrationId, part, { value, rows })) {
    const holding = slice.filter((row) => row.value === 1);
    if (holding.length > 0) sum += await work(holding.map(({ key }) => key));
  }
  return sum;
}

/** What rows with these keys hold is there no more; returns how many they were. Of a person all rows go together. */
export async function removeAmong(
  tx: Tx,
  migrationId: number,
  part: Part,
  keys: readonly Key[],
): Promise<number> {
  const { table, key, listed, holds, set } = part;
  const change =
    set === null
      ? sql`delete from ${sql.table(table)}`
      : sql`update ${sql.table(table)} set ${sql.raw(settingOf(set))}`;
  const at = key.indexOf(listed);
  let changed = 0;
  for (const same of Map.groupBy(keys, (one) => JSON.stringify(one.slice(0, at))).values()) {
    const before = key.slice(0, at).map((name, index) => sql`and ${sql.ref(name)} = ${same[0]?.[index]}`);
    const values = same.flatMap((one) => one[at] ?? []);
    const { numAffectedRows } = await sql`${change} where ${ofMigration(migrationId, part)}
      ${sql.join(before, sql` `)} and ${isOneOf(tx, listed, values)} and ${sql.raw(holds)}`.execute(tx);
    changed += Number(numAffectedRows ?? 0n);
  }
  return changed;
}

function settingOf(set: NonNullable<Part["set"]>): string {
  return Object.entries(set)
    .map(([column, value]) => `${column} = ${value}`)
    .join(", ");
}
