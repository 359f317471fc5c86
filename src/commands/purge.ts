import { setTimeout as sleep } from "node:timers/promises";
import { argumentWords, shellLine, spillwayWords, takeoverWords } from "../domain/shell-line.ts";
import { FailedError, UsageError } from "../exit.ts";
import { ledgerNowMs } from "../ledger/dialect.ts";
import { bridgeTakesMs, lastWork } from "../ledger/last-work.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { placedAfter } from "../ledger/placed.ts";
import {
  beginPurge,
  countPersonalData,
  endPurge,
  type PersonalCounts,
  type PurgeHold,
  PurgeTakenOverError,
  purgedAt,
  removePersonalData,
} from "../ledger/purge.ts";
import { rewriteFile } from "../ledger/rewrite-file.ts";
import { isPurged, type MigrationRow, migrationsOfPool } from "../ledger/runs.ts";
import { slicesAfter } from "../ledger/slices.ts";
import { mayBeAddress } from "../plan/normalize.ts";
import type { Settings } from "../settings.ts";
import { columnsOf } from "../wrap.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { confirmPool } from "./confirm.ts";
import { counted } from "./format.ts";
import { whatTemporalSays } from "./owner-at-temporal.ts";
import { afterwards, type Purging, purgedBeforeText, purgedText, purgingText } from "./purge-text.ts";
import { say, sayJson } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";
import { checkOwnServer, targetInUse } from "./temporal-server.ts";

interface PurgeOptions extends Pick<Choice, "environment"> {
  olderThan?: string;
  idMap?: boolean;
  dryRun?: boolean;
  confirm?: string;
  json?: boolean;
}

const DAY_MS = 86_400_000;
/** A bridge does not say that it works: whoever signs in over it does. */
const BRIDGE_QUIET_MS = 3_600_000;
/** An attempt of a run that is over may write once more while it hears of that. */
const MAX_PASSES = 5;
const SLICE_ORGANIZATIONS = 1_000;

export async function purge(pool: string, options: PurgeOptions): Promise<void> {
  const days = options.olderThan === undefined ? null : daysOf(options.olderThan);
  if (options.json && options.confirm === undefined && !options.dryRun)
    throw new UsageError("With --json nothing is asked: give --confirm with the pool's id, or --dry-run.");
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  await withLedger(ledger, async () => {
    const migration = await chooseMigration(ledger, { pool, environment: options.environment }, null);
    await refuseAtWork(migration, settings);
    const notDue = await whyNotDue(ledger, migration, days);
    if (notDue !== null) return options.json ? sayJson({ due: false, why: notDue }) : say(notDue);
    await purgeNow(ledger, migration, options);
  });
}

function daysOf(text: string): number {
  const days = Number(text);
  if (/^\d{1,5}$/.test(text)) return days;
  throw new UsageError(`--older-than takes a number of days, for example 90; it was given ${text}.`);
}

/** Throws UsageError where a run owns the migration, unless Temporal says that it is over. */
async function refuseAtWork({ owner, file, environment }: MigrationRow, settings: Settings): Promise<void> {
  if (owner === null) return;
  // A server that is stopped says nothing of its run, and any other one knows nothing of it.
  await checkOwnServer(settings);
  const { isOver, sentence } = await whatTemporalSays(owner, await targetInUse(settings));
  if (isOver) return;
  throw new UsageError(
    `${sentence} Run ${owner.firstRunId} of ${owner.workflowId} (namespace ${owner.namespace}) owns this migration; if it is gone for certain: \`${shellLine(takeoverWords(file.source, environment))}\`, then purge again.`,
  );
}

/** Null where it is due. Throws UsageError where a bridge was at work a moment ago. */
async function whyNotDue(
  ledger: Ledger,
  { id, purge }: MigrationRow,
  days: number | null,
): Promise<string | null> {
  // Of a purge that a crash ended, the rest is due.
  if (purge !== null && purge.purgedAtMs === null) return null;
  const { atMs, bridgeAtMs } = await lastWork(ledger, id);
  const nowMs = await ledger.read((db) => ledgerNowMs(db));
  const dueAtMs = (atMs ?? 0) + (days ?? 0) * DAY_MS;
  if (dueAtMs > nowMs && days !== null)
    return `Nothing is purged: something was last done for this migration on ${dateOf(atMs ?? 0)}, and ${days} days have passed on ${dateOf(dueAtMs)}.`;
  if (bridgeAtMs === null || bridgeAtMs < nowMs - BRIDGE_QUIET_MS) return null;
  throw new UsageError(
    `The sign-in bridge was at work for this migration at ${new Date(bridgeAtMs).toISOString()}: people still sign in over it, and it brings nobody after a purge. Take it out of use first, and purge an hour after its last sign-in.`,
  );
}

async function purgeNow(ledger: Ledger, migration: MigrationRow, options: PurgeOptions): Promise<void> {
  const { id, purge: before } = migration;
  const withIdMap = options.idMap === true || before?.isIdMapGone === true;
  const counts = await countPersonalData(ledger, id);
  const purging: Purging = {
    migration,
    ledgerKind: ledger.kind,
    withIdMap,
    counts,
    addressLike: withIdMap ? 0 : await organizationsLikeAddresses(ledger, id),
    elsewhere: await elsewhere(ledger, migration),
  };
  const isDone = before?.purgedAtMs != null && before.isIdMapGone === withIdMap && isNothing(counts);
  const columns = columnsOf(process.stdout);
  const purgedBeforeAtMs = isDone ? before.purgedAtMs : null;
  if (purgedBeforeAtMs !== null)
    return tell(purging, options, purgedBeforeAtMs, purgedBeforeText(purging, purgedBeforeAtMs, columns));
  if (options.dryRun) return tell(purging, options, null, purgingText(purging, columns));
  if (!options.json) say(`${purgingText(purging, columns)}\n`);
  const { userPoolId: pool } = migration.file.source;
  const what = withIdMap
    ? "remove all of this for good, and who became which account with it"
    : "remove this for good";
  await confirmPool({ pool, what, given: options.confirm, words: wordsOf(pool, options) });
  const removed = await removeAll(ledger, migration, withIdMap, options);
  const purgedAtMs = await ledger.read((db) => purgedAt(db, id));
  const done = { ...purging, counts: removed };
  const text = purgedAtMs === null ? purgingText(done, columns) : purgedText(done, purgedAtMs, columns);
  tell(done, options, purgedAtMs, text);
}

function wordsOf(pool: string, { environment, olderThan, idMap }: PurgeOptions): string[] {
  return [
    ...["purge", ...argumentWords(pool)],
    ...(environment === undefined ? [] : ["--environment", environment]),
    ...(olderThan === undefined ? [] : ["--older-than", olderThan]),
    ...(idMap === true ? ["--id-map"] : []),
  ];
}

async function removeAll(
  ledger: Ledger,
  migration: MigrationRow,
  withIdMap: boolean,
  { json }: PurgeOptions,
): Promise<PersonalCounts> {
  const hold = await ledger.write((tx) => beginPurge(tx, migration, withIdMap));
  if (hold === null)
    throw new UsageError(
      "A run or another purge of this migration began or ended meanwhile; nothing was removed: look again.",
    );
  await letBridgeEnd(ledger, migration.id, json === true ? () => undefined : say);
  try {
    return await removeHeld(ledger, hold, withIdMap);
  } catch (error) {
    if (!(error instanceof PurgeTakenOverError)) throw error;
    const command = shellLine(spillwayWords("purge", ["--dry-run"], [migration.file.source.userPoolId]));
    throw new FailedError(
      `Another purge of this migration began or ended meanwhile, so this one stopped. To see what is left: \`${command}\``,
    );
  }
}

async function removeHeld(ledger: Ledger, hold: PurgeHold, withIdMap: boolean): Promise<PersonalCounts> {
  const { migrationId } = hold.run;
  const removed = await removePersonalData(ledger, hold, withIdMap);
  for (let pass = 1; pass < MAX_PASSES && !isNothing(await countPersonalData(ledger, migrationId)); pass += 1)
    await removePersonalData(ledger, hold, withIdMap);
  if (!(await rewriteFile(ledger)))
    throw new FailedError(
      "All of it is removed, but another process reads the ledger without a pause, so that its log cannot be emptied; stop what uses this ledger, and give the same command again.",
    );
  await ledger.write((tx) => endPurge(tx, hold));
  return removed;
}

/** The bridge begins nothing more, and still notes what it has begun: that would be there again once all is removed. */
async function letBridgeEnd(
  ledger: Ledger,
  migrationId: number,
  tellWhy: (sentence: string) => void,
): Promise<void> {
  const leftMs = await bridgeTakesMs(ledger, migrationId);
  if (leftMs === 0) return;
  const seconds = Math.ceil(leftMs / 1_000);
  tellWhy(
    `Waiting for ${counted(seconds, "second", "seconds")}, until what the sign-in bridge had begun for somebody has ended.\n`,
  );
  await sleep(leftMs);
}

function tell(
  purging: Purging,
  { dryRun, json }: PurgeOptions,
  purgedAtMs: number | null,
  text: string,
): void {
  const { migration, withIdMap, counts } = purging;
  if (json)
    sayJson({
      pool: migration.file.source.userPoolId,
      environment: migration.environment,
      dryRun: dryRun ?? false,
      purgedAt: purgedAtMs === null ? null : new Date(purgedAtMs).toISOString(),
      idMap: withIdMap,
      removed: counts,
      afterwards: afterwards(purging),
    });
  else say(text);
}

function isNothing(counts: PersonalCounts): boolean {
  return Object.values(counts).every((count) => count === 0);
}

/** Names of organizations are a part of the id map. */
async function organizationsLikeAddresses(ledger: Ledger, migrationId: number): Promise<number> {
  let count = 0;
  const slices = slicesAfter(
    "",
    ({ key }: { key: string }) => key,
    (after) => ledger.read((db) => placedAfter(db, migrationId, "organization", after, SLICE_ORGANIZATIONS)),
  );
  for await (const slice of slices) count += slice.filter(({ key }) => mayBeAddress(key)).length;
  return count;
}

/** Environments to which the same people went by other migrations of this ledger. */
async function elsewhere(ledger: Ledger, { id, file }: MigrationRow): Promise<string[]> {
  const all = await ledger.read((db) => migrationsOfPool(db, file.source.userPoolId));
  return all.filter((other) => other.id !== id && !isPurged(other)).map((other) => other.environment);
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
