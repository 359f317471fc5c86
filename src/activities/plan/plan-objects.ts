import type { ItemPhase } from "../../domain/phases.ts";
import type { PlannedObject } from "../../domain/records.ts";
import { differencesOf, type Planned, queueDifferences } from "../../ledger/difference.ts";
import type { Tx } from "../../ledger/ledger.ts";
import type { Placed } from "../../ledger/placed.ts";
import { writePlannedObjects } from "../../ledger/planned-objects.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import { externalIdsTried } from "../../ledger/standing-structure.ts";

/**
 * Writes objects into the plan of a run, and what has to be done about them into its queue; returns that. A dry run has no
 * queue.
 */
export async function planObjects(
  tx: Tx,
  run: RunOfMigration,
  phase: ItemPhase,
  objects: readonly PlannedObject[],
  isDryRun: boolean,
  isChanged?: (object: PlannedObject, placed: Placed) => boolean,
): Promise<Planned[]> {
  if (objects.length === 0) return [];
  await writePlannedObjects(tx, run, phase, await asTried(tx, run, objects));
  const planned = await differencesOf(tx, run.migrationId, objects, isChanged);
  if (!isDryRun) await queueDifferences(tx, run, phase, planned);
  return planned;
}

/** An organization in doubt keeps the external id of its earlier try: looked up by another one, it would be made twice. */
async function asTried(
  tx: Tx,
  { migrationId }: RunOfMigration,
  objects: readonly PlannedObject[],
): Promise<readonly PlannedObject[]> {
  const keys = objects.filter(({ kind }) => kind === "organization").map(({ key }) => key);
  const tried = await externalIdsTried(tx, migrationId, keys);
  if (tried.size === 0) return objects;
  return objects.map((object) => {
    const externalId = object.kind === "organization" ? tried.get(object.key) : undefined;
    return externalId === undefined ? object : { ...object, data: { ...object.data, externalId } };
  });
}
