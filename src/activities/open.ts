import { activityInfo } from "@temporalio/activity";
import type { Destination } from "../destinations/destination.ts";
import { itemsPerCall } from "../destinations/items-per-call.ts";
import { blocked } from "../domain/blocked.ts";
import type { Blocked, Opened, OpenInput, Pace, Refused } from "../domain/contract.ts";
import { type CallKind, type Migration, parseMigration, workflowIdOf } from "../domain/migration.ts";
import {
  CONFIGURATION_CALLS_PER_SECOND,
  configurationPaceKey,
  destinationPaceKey,
  pagesPaceKey,
} from "../engine/pace-keys.ts";
import type { Tx } from "../ledger/ledger.ts";
import { beginMailRecord } from "../ledger/mail-record.ts";
import { setPace } from "../ledger/pace.ts";
import { findMigration, type MigrationIdentity, type Owner, ownMigration } from "../ledger/runs.ts";
import { metadataKeys } from "../plan/record.ts";
import type { Deps, RunState } from "./deps.ts";

/** A batch is about a minute of work, so that a lost attempt costs little, and never more than this. */
const BATCH_SECONDS = 60;
const MAX_BATCH_SIZE = 500;

/** Reads the migration file, takes the migration in the ledger for this run, and sets its pace. */
export async function open(deps: Deps, input: OpenInput): Promise<Opened | Refused | Blocked> {
  const parsed = parseMigration(input.file, deps.vendors);
  if (!parsed.ok) return { status: "refused", sentence: parsed.sentence };
  const migration = parsed.value;
  const { workflowId, namespace } = execution();
  const expectedId = workflowIdOf(migration.source.userPoolId);
  if (workflowId !== expectedId)
    return {
      status: "refused",
      sentence: `The workflow id must be "${expectedId}" for this pool; start the run again with --workflow-id ${expectedId}.`,
    };
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
    },
    dryRun: migration.dryRun,
    isPilot: migration.only !== undefined,
    sendsResets: migration.passwordResets.send,
    batchSize: Math.max(
      1,
      Math.min(MAX_BATCH_SIZE, Math.round(migration.pace.writesPerSecond * BATCH_SECONDS)),
    ),
    itemsPerCall: itemsPerCall(destination),
    pace: { ...migration.pace, resetsPerSecond: migration.passwordResets.perSecond },
    searchAttributes: await deps.orchestration.searchAttributes(),
    temporalAddress: deps.orchestration.address,
  };
}

function execution(): { workflowId: string; namespace: string } {
  const { workflowExecution, namespace } = activityInfo();
  if (workflowExecution === undefined) throw new Error("Only workflows open migrations.");
  return { workflowId: workflowExecution.workflowId, namespace };
}

/** The run that owns a migration keeps it until it is closed; a new owner starts the next generation. */
async function own(
  deps: Deps,
  migration: Migration,
  destination: Destination,
  owner: Owner,
): Promise<{ id: number; generation: number } | Blocked> {
  const identity: MigrationIdentity = {
    poolId: migration.source.userPoolId,
    destinationKind: destination.kind,
    environment: destination.environment,
  };
  const current = await deps.ledger.read((db) => findMigration(db, identity));
  const other = current?.owner;
  if (other != null && other.firstRunId !== owner.firstRunId) {
    const state = await deps.orchestration.runState(other);
    if (state !== "closed") return blocked("ledger_owned", { detail: ownerAdvice(other, state, migration) });
  }
  const owned = await deps.ledger.write(async (tx) => {
    const row = await ownMigration(tx, identity, migration, owner, current);
    if (row === undefined) return row;
    await setAllPaces(tx, migration, destination, current?.accountId ?? null);
    if (current === undefined) await beginMailRecord(tx, row.id);
    return row;
  });
  return owned ?? blocked("ledger_owned", { detail: "another run took it at this moment" });
}

function ownerAdvice(owner: Owner, state: RunState, migration: Migration): string {
  const run = `workflow ${owner.workflowId} in namespace ${owner.namespace}, run ${owner.firstRunId}`;
  if (state === "open") return `${run} still works`;
  const { region, userPoolId } = migration.source;
  return `${run} cannot be asked; if it is gone for certain: \`./spillway takeover ${userPoolId} --region ${region}\``;
}

async function setAllPaces(
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
