import { isDeepStrictEqual } from "node:util";
import { type Selectable, sql, type UpdateObject } from "kysely";
import { keptMigration, type Migration } from "../domain/migration.ts";
import { keptUndo, type Undo } from "../domain/undo.ts";
import { isPostgres, nowMsSql } from "./dialect.ts";
import { FencedError } from "./errors.ts";
import type { Db, Tx } from "./ledger.ts";
import type { Database, FollowingMode, MigrationTable } from "./schema.ts";

/** Who works on a migration: one run of one workflow. */
export interface Owner {
  namespace: string;
  workflowId: string;
  /** The first execution's run id: it stays through continue-as-new. */
  firstRunId: string;
}

/** One run of a migration: what its plan and its queue are known by. */
export interface RunOfMigration {
  migrationId: number;
  generation: number;
}

export interface MigrationRow {
  id: number;
  generation: number;
  file: Migration;
  /** Of the newest run that is no dry one; null while every run was. */
  inForce: { file: Migration; selectingSince: number } | null;
  accountId: string | null;
  owner: Owner | null;
  /** First run id of the newest owner, at work or not; null where nobody knows it. */
  newestRunId: string | null;
  /** Where that one goes by the run before, which kind of run it is. */
  ownerMode: FollowingMode | null;
  /** Where the newest run is an undo. */
  undo: Undo | null;
  /** It was undone, or is being undone: of the runs since, every one was dry. */
  isUndone: boolean;
  destinationKind: string;
  environment: string;
  /** The newest purge of personal data; null where there was none. */
  purge: Purge | null;
}

/** Personal data was removed, or is being removed. */
export interface Purge {
  /** Null as long as it has not ended. */
  purgedAtMs: number | null;
  /** A run has read the whole pool again since. */
  isReadAnew: boolean;
  /** Who became which account went as well: no run can go on from there. */
  isIdMapGone: boolean;
}

/** What was known of people is gone, and no run has read it again. */
export function isPurged({ purge }: Pick<MigrationRow, "purge">): boolean {
  return purge !== null && !purge.isReadAnew;
}

/** That it is not, of a row of `migrations`. */
const IS_NOT_PURGED = sql<boolean>`
  (purge_begun_at_ms is null or listed_generation > coalesce(purged_generation, generation))`;

/** Of a row of `migrations`: something may begin for its people at the sign-in bridge. `isUndone` says the same of its first half. */
export const MAY_BEGIN = sql<boolean>`
  undo is null and (undone_generation = 0 or file_in_force is not null) and ${IS_NOT_PURGED}`;

/** Whether it is purged at this moment; no purge begins before the end of this transaction. */
export async function isPurgedNow(tx: Tx, id: number): Promise<boolean> {
  const row = await tx
    .selectFrom("migrations")
    .select(IS_NOT_PURGED.as("isKept"))
    .where("id", "=", id)
    .$if(isPostgres(tx), (query) => query.forShare())
    .executeTakeFirst();
  return row !== undefined && !row.isKept;
}

/** The newest run. */
export function runOf({ id, generation }: Pick<MigrationRow, "id" | "generation">): RunOfMigration {
  return { migrationId: id, generation };
}

export interface MigrationIdentity {
  poolId: string;
  destinationKind: string;
  environment: string;
}

export function identityOf(db: Db, id: number): Promise<MigrationIdentity> {
  return db
    .selectFrom("migrations")
    .select(["pool_id as poolId", "destination_kind as destinationKind", "environment"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
}

export async function findMigration(db: Db, identity: MigrationIdentity): Promise<MigrationRow | undefined> {
  const row = await db
    .selectFrom("migrations")
    .selectAll()
    .where("pool_id", "=", identity.poolId)
    .where("destination_kind", "=", identity.destinationKind)
    .where("environment", "=", identity.environment)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/**
 * With the file by which people are moved: a dry run only tells what another one would do. Undefined where the migration
 * was undone, or is being undone: nobody is moved then.
 */
export async function findMigrationInForce(
  db: Db,
  identity: MigrationIdentity,
): Promise<MigrationRow | undefined> {
  const row = await findMigration(db, identity);
  if (row === undefined || row.isUndone) return undefined;
  return { ...row, file: row.inForce?.file ?? row.file };
}

export async function migrationsOfPool(db: Db, poolId: string): Promise<MigrationRow[]> {
  const rows = await db
    .selectFrom("migrations")
    .selectAll()
    .where("pool_id", "=", poolId)
    .orderBy("id")
    .execute();
  return rows.map(fromRow);
}

export async function readMigration(db: Db, id: number): Promise<MigrationRow> {
  const row = await db.selectFrom("migrations").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  return fromRow(row);
}

function fromRow(row: Selectable<MigrationTable>): MigrationRow {
  const { owner_namespace, owner_workflow_id, owner_run_id } = row;
  const file = keptMigration(JSON.parse(row.file));
  const owned = owner_namespace !== null && owner_workflow_id !== null && owner_run_id !== null;
  return {
    id: row.id,
    generation: row.generation,
    file,
    inForce: inForceOf(row, file),
    accountId: row.account_id,
    owner: owned
      ? { namespace: owner_namespace, workflowId: owner_workflow_id, firstRunId: owner_run_id }
      : null,
    newestRunId: row.newest_run_id,
    ownerMode: row.owner_mode,
    undo: row.undo === null ? null : keptUndo(row.undo),
    isUndone: row.undo !== null || (row.undone_generation > 0 && isNeverInForce(row)),
    destinationKind: row.destination_kind,
    environment: row.environment,
    purge: purgeOf(row),
  };
}

/** A purge of the id map puts the file out of force as well. */
function isNeverInForce({ file_in_force, id_map_purged }: Selectable<MigrationTable>): boolean {
  return file_in_force === null && id_map_purged === 0;
}

function purgeOf(row: Selectable<MigrationTable>): Purge | null {
  const { purge_begun_at_ms, purged_at_ms, purged_generation, listed_generation, id_map_purged } = row;
  if (purge_begun_at_ms === null) return null;
  return {
    purgedAtMs: purged_at_ms,
    isReadAnew: listed_generation > (purged_generation ?? row.generation),
    isIdMapGone: id_map_purged === 1,
  };
}

/** Every activity and every sign-in reads this: a file that is in force itself is parsed once. */
function inForceOf(
  row: { file: string; file_in_force: string | null; selecting_since: number | null },
  file: Migration,
): MigrationRow["inForce"] {
  const { file_in_force: text, selecting_since: selectingSince } = row;
  if (text === null || selectingSince === null) return null;
  return { file: text === row.file ? file : keptMigration(JSON.parse(text)), selectingSince };
}

/** A run's place in the ledger. */
export interface OwnedRun {
  id: number;
  generation: number;
  /** The newest undo; 0 where there was none. */
  undoneGeneration: number;
}

const OWNED = ["id", "generation", "undone_generation as undoneGeneration"] as const;

/**
 * Makes `owner` the owner of the migration, provided that the row is as `expected` (undefined: that there is none).
 * A new owner is a new generation. Returns undefined if somebody else was faster.
 */
export async function ownMigration(
  tx: Tx,
  identity: MigrationIdentity,
  file: Migration,
  owner: Owner,
  expected: MigrationRow | undefined,
): Promise<OwnedRun | undefined> {
  const generation =
    expected === undefined
      ? 1
      : expected.generation + (expected.owner?.firstRunId === owner.firstRunId ? 0 : 1);
  const text = JSON.stringify(file);
  const columns = {
    generation,
    file: text,
    ...(file.dryRun
      ? {}
      : { file_in_force: text, selecting_since: selectingSince(file, expected) ?? generation }),
    region: file.source.region,
    ...ownedBy(owner),
    undo: null,
    ...beginning(tx, owner, expected),
  };
  if (expected === undefined) {
    return tx
      .insertInto("migrations")
      .values({
        ...columns,
        pool_id: identity.poolId,
        destination_kind: identity.destinationKind,
        environment: identity.environment,
      })
      .onConflict((conflict) => conflict.columns(["pool_id", "destination_kind", "environment"]).doNothing())
      .returning(OWNED)
      .executeTakeFirst();
  }
  return ownAsExpected(tx, expected, columns);
}

function ownedBy({ namespace, workflowId, firstRunId }: Owner, owner_mode: FollowingMode | null = null) {
  return {
    owner_namespace: namespace,
    owner_workflow_id: workflowId,
    owner_run_id: firstRunId,
    newest_run_id: firstRunId,
    owner_mode,
  };
}

/** A run that asks again has begun before. */
function beginning(tx: Tx, { firstRunId }: Owner, expected: MigrationRow | undefined) {
  return expected?.owner?.firstRunId === firstRunId ? {} : { begun_at_ms: nowMsSql(tx) };
}

/** The same for an undo, which keeps the file, and puts none in force. */
export async function ownForUndo(
  tx: Tx,
  undo: Undo,
  owner: Owner,
  expected: MigrationRow,
): Promise<OwnedRun | undefined> {
  const isSame = expected.owner?.firstRunId === owner.firstRunId;
  const generation = expected.generation + (isSame ? 0 : 1);
  return ownAsExpected(tx, expected, {
    generation,
    undone_generation: generation,
    undo: JSON.stringify(undo),
    ...beginning(tx, owner, expected),
    file_in_force: null,
    selecting_since: null,
    ...ownedBy(owner),
  });
}

/** The same for what goes by the run before: plan, queue and file stay that one's. */
export function ownAsItStands(
  tx: Tx,
  mode: FollowingMode,
  owner: Owner,
  expected: MigrationRow,
): Promise<OwnedRun | undefined> {
  return ownAsExpected(tx, expected, { ...beginning(tx, owner, expected), ...ownedBy(owner, mode) });
}

function ownAsExpected(
  tx: Tx,
  expected: MigrationRow,
  columns: UpdateObject<Database, "migrations">,
): Promise<OwnedRun | undefined> {
  return (
    tx
      .updateTable("migrations")
      .set(columns)
      .where("id", "=", expected.id)
      .where("generation", "=", expected.generation)
      .where("owner_run_id", expected.owner === null ? "is" : "=", expected.owner?.firstRunId ?? null)
      // One that began a moment ago takes away what this run would go on with.
      .where((eb) => eb.or([eb("purge_begun_at_ms", "is", null), eb("purged_at_ms", "is not", null)]))
      .where("id_map_purged", "=", 0)
      .returning(OWNED)
      .executeTakeFirst()
  );
}

/** Whom the run before selected, this one does as well: they need not wait until its plan says so. Else undefined. */
function selectingSince({ only }: Migration, before: MigrationRow | undefined): number | undefined {
  const isSame = isDeepStrictEqual(before?.inForce?.file.only, only);
  return isSame ? before?.inForce?.selectingSince : undefined;
}

/** The snapshot of this run is whole: whoever it does not list is gone from Cognito. */
export async function noteListed(tx: Tx, { migrationId, generation }: RunOfMigration): Promise<void> {
  await tx
    .updateTable("migrations")
    .set({ listed_generation: generation })
    .where("id", "=", migrationId)
    .where("listed_generation", "<", generation)
    .execute();
}

export type Standing = "newest" | "overtaken" | "forgotten";

/** Where a run stands, going by the ledger: one that has been restored may have forgotten it. */
export async function standingOf(
  db: Db,
  { migrationId, generation, firstRunId }: RunOfMigration & { firstRunId: string },
): Promise<Standing> {
  const row = await db
    .selectFrom("migrations")
    .select(["generation", "owner_run_id"])
    .where("id", "=", migrationId)
    .executeTakeFirst();
  if (row === undefined || row.generation < generation) return "forgotten";
  // Nobody owns it any more once the run is closed.
  const isOwn = row.owner_run_id === null || row.owner_run_id === firstRunId;
  return isOwn && row.generation === generation ? "newest" : "overtaken";
}

/** Throws FencedError where a later run has begun: what an attempt of an earlier one still knows counts no more. */
export async function refuseEarlier(tx: Tx, { migrationId, generation }: RunOfMigration): Promise<void> {
  const row = await tx
    .selectFrom("migrations")
    .select("generation")
    .where("id", "=", migrationId)
    .executeTakeFirst();
  if (row !== undefined && row.generation > generation) throw new FencedError();
}

/** The next run that asks becomes the owner. False where another run than this one is it by now: that one stays so. */
export async function disownMigration(tx: Tx, id: number, firstRunId: string): Promise<boolean> {
  const disowned = await tx
    .updateTable("migrations")
    .set({ owner_namespace: null, owner_workflow_id: null, owner_run_id: null })
    .where("id", "=", id)
    .where("owner_run_id", "=", firstRunId)
    .executeTakeFirst();
  return disowned.numUpdatedRows === 1n;
}

export async function rememberAccount(tx: Tx, id: number, accountId: string | null): Promise<void> {
  await tx.updateTable("migrations").set({ account_id: accountId }).where("id", "=", id).execute();
}
