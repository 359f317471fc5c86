import { itemsPerCall } from "../../destinations/items-per-call.ts";
import type { Blocked, Opened, OpenUndoInput, Refused } from "../../domain/contract.ts";
import { parseUndo } from "../../domain/undo.ts";
import { findMigration, ownForUndo } from "../../ledger/runs.ts";
import type { Deps } from "../deps.ts";
import {
  batchSizeAt,
  execution,
  ownedByOthers,
  refusedAfterPurge,
  refusedId,
  setAllPaces,
  TAKEN_NOW,
} from "../open.ts";

/** Takes the migration in the ledger for an undo of it. */
export async function openUndo(deps: Deps, input: OpenUndoInput): Promise<Opened | Refused | Blocked> {
  const parsed = parseUndo(input.undo);
  if (!parsed.ok) return { status: "refused", sentence: parsed.sentence };
  const undo = parsed.value;
  const { workflowId, namespace } = execution();
  const misnamed = refusedId(workflowId, undo.userPoolId);
  if (misnamed !== null) return misnamed;
  if (!deps.vendors.some(({ kind }) => kind === undo.destination.kind))
    return { status: "refused", sentence: `Spillway knows no destination "${undo.destination.kind}".` };
  const destination = deps.destinationOf(undo.destination);
  const { kind: destinationKind, environment } = destination;
  const identity = { poolId: undo.userPoolId, destinationKind, environment };
  const current = await deps.ledger.read((db) => findMigration(db, identity));
  if (current === undefined)
    return {
      status: "refused",
      sentence: `This worker's ledger knows no migration of ${undo.userPoolId} to ${environment}: there is nothing to undo. Check SPILLWAY_LEDGER and the destination's settings.`,
    };
  const purged = refusedAfterPurge(current, undo);
  if (purged !== null) return purged;
  const { file } = current;
  const owner = { namespace, workflowId, firstRunId: input.firstRunId };
  const others = await ownedByOthers(deps, current, owner, file.source);
  if (others !== null) return others;
  const owned = await deps.ledger.write(async (tx) => {
    const row = await ownForUndo(tx, undo, owner, current);
    if (row !== undefined) await setAllPaces(tx, file, destination, current.accountId);
    return row;
  });
  if (owned === undefined) return TAKEN_NOW;
  return {
    status: "opened",
    mode: "undo",
    run: {
      ledgerId: deps.ledger.id,
      destinationKind,
      environment,
      migrationId: owned.id,
      generation: owned.generation,
      firstRunId: input.firstRunId,
    },
    dryRun: false,
    isPilot: false,
    sendsResets: false,
    batchSize: batchSizeAt(file.pace.writesPerSecond),
    itemsPerCall: itemsPerCall(destination),
    pace: { ...file.pace, resetsPerSecond: file.passwordResets.perSecond },
    searchAttributes: await deps.orchestration.searchAttributes(),
    temporalAddress: deps.orchestration.address,
  };
}
