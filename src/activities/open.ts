import { activityInfo } from "@temporalio/activity";
import type { Destination } from "../destinations/destination.ts";
import { itemsPerCall } from "../destinations/items-per-call.ts";
import { blocked } from "../domain/blocked.ts";
import type { Blocked, Opened, OpenInput, Pace, Refused, RunRef } from "../domain/contract.ts";
import { type CallKind, type Migration, parseMigration } from "../domain/migration.ts";
import { shellLine, spillwayWords, takeoverWords } from "../domain/shell-line.ts";
import { workflowIdOf } from "../domain/workflow-id.ts";
import {
  CONFIGURATION_CALLS_PER_SECOND,
  configurationPaceKey,
  destinationPaceKey,
  pagesPaceKey,
} from "../engine/pace-keys.ts";
import type { Tx } from "../ledger/ledger.ts";
import { beginMailRecord } from "../ledger/mail-record.ts";
import { setPace } from "../ledger/pace.ts";
import {
  disownMigration,
  findMigration,
  type MigrationIdentity,
  type MigrationRow,
  type OwnedRun,
  type Owner,
  ownMigration,
} from "../ledger/runs.ts";
import { metadataKeys } from "../plan/record.ts";
import type { Deps, RunState } from "./deps.ts";
import { foreignToPlace } from "./foreign-worker.ts";

/** A batch is about a minute of work, so that a lost attempt costs little, and never more than this. */
const BATCH_SECONDS = 60;
const MAX_BATCH_SIZE = 500;

/** Reads the migration file, takes the migration in the ledger for this run, and sets its pace. */
export async function open(deps: Deps, input: OpenInput): Promise<Opened | Refused | Blocked> {
  const parsed = parseMigration(input.file, deps.vendors);
  if (!parsed.ok) return { status: "refused", sentence: parsed.sentence };
  const migration = parsed.value;
  const { workflowId, namespace } = execution();
  const misnamed = refusedId(workflowId, migration.source.userPoolId);
  if (misnamed !== null) return misnamed;
  const foreign = foreignToPlace(deps, migration.destination);
  if (foreign !== null) return foreign;
  const destination = deps.destinationOf(migration.destination);
  const mapping = destination.mappingProblems(metadataKeys(migration));
  if (mapping[0] !== undefined)
    return {
      status: "refused",
      sentence: `The migration file is wrong: "attributes" and "metadata": ${mapping[0]}`,
    };
  const owned = await own(deps, migration, destination, {
    namespace,
    workflowId,
    firstRunId: input.firstRunId,
  });
  if ("status" in owned) return owned;
  return {
    status: "opened",
    run: {
      ledgerId: deps.ledger.id,
      destinationKind: migration.destination.kind,
      environment: destination.environment,
      migrationId: owned.id,
      generation: owned.generation,
      firstRunId: input.firstRunId,
      ...(owned.undoneGeneration === 0 ? {} : { undoneGeneration: owned.undoneGeneration }),
    },
    dryRun: migration.dryRun,
    isPilot: migration.only !== undefined,
    sendsResets: migration.passwordResets.send,
    batchSize: batchSizeAt(migration.pace.writesPerSecond),
    itemsPerCall: itemsPerCall(destination),
    pace: { ...migration.pace, resetsPerSecond: migration.passwordResets.perSecond },
    searchAttributes: await deps.orchestration.searchAttributes(),
    temporalAddress: deps.orchestration.address,
  };
}

export function batchSizeAt(writesPerSecond: number): number {
  return Math.max(1, Math.min(MAX_BATCH_SIZE, Math.round(writesPerSecond * BATCH_SECONDS)));
}

/** The workflow id is the mutex on the pool. */
export function refusedId(workflowId: string, userPoolId: string): Refused | null {
  const expectedId = workflowIdOf(userPoolId);
  if (workflowId === expectedId) return null;
  return {
    status: "refused",
    sentence: `The workflow id must be "${expectedId}" for this pool; start the run again with --workflow-id ${expectedId}.`,
  };
}

export function execution(): { workflowId: string; namespace: string } {
  const { workflowExecution, namespace } = activityInfo();
  if (workflowExecution === undefined) throw new Error("Only workflows open migrations.");
  return { workflowId: workflowExecution.workflowId, namespace };
}

/** The last step of a run that ends before its close: the migration is free for the next run. */
export async function disown({ ledger }: Deps, { run }: { run: RunRef }): Promise<void> {
  await ledger.write((tx) => disownMigration(tx, run.migrationId, run.firstRunId));
}

/** The run that owns a migration keeps it until it ends; a new owner starts the next generation. */
async function own(
  deps: Deps,
  migration: Migration,
  destination: Destination,
  owner: Owner,
): Promise<OwnedRun | Refused | Blocked> {
  const identity: MigrationIdentity = {
    poolId: migration.source.userPoolId,
    destinationKind: destination.kind,
    environment: destination.environment,
  };
  const current = await deps.ledger.read((db) => findMigration(db, identity));
  const purged = refusedAfterPurge(current, migration.source);
  if (purged !== null) return purged;
  const others = await ownedByOthers(deps, current, owner);
  if (others !== null) return others;
  const owned = await deps.ledger.write(async (tx) => {
    const row = await ownMigration(tx, identity, migration, owner, current);
    if (row === undefined) return row;
    await setAllPaces(tx, migration, destination, current?.accountId ?? null);
    if (current === undefined) await beginMailRecord(tx, row.id);
    return row;
  });
  return owned ?? TAKEN_NOW;
}

export const TAKEN_NOW = blocked("ledger_owned", { detail: "another run took it at this moment" });

/** Null where no other run owns the migration, or one that has ended. */
export async function ownedByOthers(
  { orchestration }: Deps,
  current: MigrationRow | undefined,
  { firstRunId }: Owner,
): Promise<Blocked | null> {
  if (current?.owner == null || current.owner.firstRunId === firstRunId) return null;
  const { owner: other } = current;
  const state = await orchestration.runState(other);
  return state === "closed" ? null : ownedStill(current, other, state);
}

/** Null where a run, or an undo, may follow. */
export function refusedAfterPurge(
  migration: MigrationRow | undefined,
  { userPoolId }: Pick<Migration["source"], "userPoolId">,
): Refused | null {
  const purge = migration?.purge ?? null;
  if (purge?.isIdMapGone) return { status: "refused", sentence: ID_MAP_PURGED };
  if (purge === null || purge.purgedAtMs !== null) return null;
  return {
    status: "refused",
    sentence: `A purge of this migration was begun and has not ended: \`${shellLine(spillwayWords("purge", [], [userPoolId]))}\` goes on with it; start again then.`,
  };
}

const ID_MAP_PURGED =
  "Who became which account was purged from the ledger: nobody could know who has an account, or was mailed. For a new migration name a new ledger in SPILLWAY_LEDGER; it finds the accounts by their key, and mails nobody who has one.";

function ownedStill(migration: MigrationRow, owner: Owner, state: Exclude<RunState, "closed">): Blocked {
  const run = `workflow ${owner.workflowId} in namespace ${owner.namespace}, run ${owner.firstRunId}`;
  if (state === "open") return blocked("ledger_owned", { detail: `${run} still works` });
  const words = takeoverWords(migration.file.source, migration.environment);
  const why = state === "missing" ? "is not known to this Temporal server, or no longer" : "cannot be asked";
  return {
    ...blocked("ledger_owned", {
      detail: `${run}, ${why}; if it is gone for certain: \`${shellLine(words)}\``,
    }),
    first: { to: "Where that run is gone for certain, free the migration:", words },
  };
}

export async function setAllPaces(
  tx: Tx,
  { pace, source, passwordResets }: Migration,
  destination: Destination,
  accountId: string | null,
): Promise<void> {
  for (const [kind, perSecond] of destinationRates({ ...pace, resetsPerSecond: passwordResets.perSecond }))
    await setPace(tx, destinationPaceKey(destination, kind), perSecond);
  await setPace(tx, pagesPaceKey(source, accountId), pace.pagesPerSecond);
  await setPace(tx, configurationPaceKey(source), CONFIGURATION_CALLS_PER_SECOND);
}

/** The rates of the destination's kinds of calls, in the order in which their rows are locked. */
export function destinationRates(pace: Partial<Pace>): [CallKind, number][] {
  const rates: [CallKind, number | undefined][] = [
    ["calls", pace.callsPerSecond],
    ["reads", pace.readsPerSecond],
    ["resets", pace.resetsPerSecond],
    ["writes", pace.writesPerSecond],
  ];
  return rates.filter((rate): rate is [CallKind, number] => rate[1] !== undefined);
}
