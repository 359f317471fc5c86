import type { Destination } from "../destinations/destination.ts";
import { itemsPerCall } from "../destinations/items-per-call.ts";
import type { Blocked, Opened, Refused } from "../domain/contract.ts";
import type { Migration } from "../domain/migration.ts";
import type { Mode } from "../domain/phases.ts";
import { typed } from "../domain/plain-issue.ts";
import type { Tx } from "../ledger/ledger.ts";
import { findMigration, type MigrationRow, type OwnedRun, type Owner } from "../ledger/runs.ts";
import type { Deps } from "./deps.ts";
import { foreignToPlace } from "./foreign-worker.ts";
import {
  batchSizeAt,
  execution,
  ownedByOthers,
  refusedAfterPurge,
  refusedId,
  setAllPaces,
  TAKEN_NOW,
} from "./open.ts";

/** A run about a migration that the ledger knows, without a file of its own. */
interface KnownRun {
  mode: Mode;
  userPoolId: string;
  destination: Migration["destination"];
  firstRunId: string;
  /** What keeps a run of this kind from following that one; null unless given. */
  refused?(current: MigrationRow): Promise<Refused | null>;
  /** Undefined if somebody else was faster. */
  own(tx: Tx, owner: Owner, current: MigrationRow): Promise<OwnedRun | undefined>;
}

/** Takes the migration in the ledger for a run, at the pace of its newest file. */
export async function openKnown(deps: Deps, wanted: KnownRun): Promise<Opened | Refused | Blocked> {
  const { workflowId, namespace } = execution();
  const misnamed = refusedId(workflowId, wanted.userPoolId);
  if (misnamed !== null) return misnamed;
  const { kind } = wanted.destination;
  if (!deps.vendors.some((vendor) => vendor.kind === kind))
    return { status: "refused", sentence: `Spillway knows no destination ${typed(kind)}.` };
  const foreign = foreignToPlace(deps, wanted.destination);
  if (foreign !== null) return foreign;
  const destination = deps.destinationOf(wanted.destination);
  const { environment } = destination;
  const identity = { poolId: wanted.userPoolId, destinationKind: destination.kind, environment };
  const current = await deps.ledger.read((db) => findMigration(db, identity));
  if (current === undefined)
    return {
      status: "refused",
      sentence: `This worker's ledger knows no migration of ${wanted.userPoolId} to ${environment}. Check SPILLWAY_LEDGER and the destination's settings.`,
    };
  const purged = refusedAfterPurge(current, wanted);
  if (purged !== null) return purged;
  const owner = { namespace, workflowId, firstRunId: wanted.firstRunId };
  const others = await ownedByOthers(deps, current, owner);
  if (others !== null) return others;
  const refused = (await wanted.refused?.(current)) ?? null;
  if (refused !== null) return refused;
  const owned = await deps.ledger.write(async (tx) => {
    const row = await wanted.own(tx, owner, current);
    if (row !== undefined) await setAllPaces(tx, current.file, destination, current.accountId);
    return row;
  });
  return owned === undefined ? TAKEN_NOW : opened(deps, wanted, destination, owned, current.file);
}

async function opened(
  { ledger, orchestration }: Deps,
  { mode, firstRunId }: KnownRun,
  destination: Destination,
  { id: migrationId, generation, undoneGeneration }: OwnedRun,
  { pace, passwordResets }: Migration,
): Promise<Opened> {
  const { kind: destinationKind, environment } = destination;
  return {
    status: "opened",
    mode,
    run: {
      ledgerId: ledger.id,
      destinationKind,
      environment,
      migrationId,
      generation,
      firstRunId,
      ...(mode === "redrive" ? { asksAgain: true } : {}),
      ...(mode === "undo" || undoneGeneration === 0 ? {} : { undoneGeneration }),
    },
    dryRun: false,
    isPilot: false,
    sendsResets: mode === "redrive" && passwordResets.send,
    batchSize: batchSizeAt(pace.writesPerSecond),
    itemsPerCall: itemsPerCall(destination),
    pace: { ...pace, resetsPerSecond: passwordResets.perSecond },
    searchAttributes: await orchestration.searchAttributes(),
    temporalAddress: orchestration.address,
  };
}
