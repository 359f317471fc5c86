import type { ItemPhase } from "../../domain/phases.ts";
import type { PlannedObject } from "../../domain/records.ts";
import { differencesOf, queueDifferences } from "../../ledger/difference.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { writePlannedObjects } from "../../ledger/planned-objects.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";

/** Writes objects into the plan of a run, and what has to be done about them into its queue. A dry run has no queue. */
export async function planObjects(
  tx: Tx,
  run: RunOfMigration,
  phase: ItemPhase,
  objects: readonly PlannedObject[],
  isDryRun: boolean,
): Promise<void> {
  if (objects.length === 0) return;
  await writePlannedObjects(tx, run, phase, objects);
  if (isDryRun) return;
  await queueDifferences(tx, run, phase, await differencesOf(tx, run.migrationId, objects));
}
