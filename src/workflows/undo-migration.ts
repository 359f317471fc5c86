import type { UndoSummary } from "../domain/contract.ts";
import { activities } from "./proxies.ts";
import { Run } from "./run.ts";
import { freshState, type State } from "./state.ts";

/**
 * Takes back what the migration of a pool made, and restores what it adopted. The workflow id is that of the migration,
 * `migrate-<userPoolId>`: no two of them work at once. `carried` is given by continue-as-new only.
 */
export async function undoMigration(undo: unknown, carried?: State): Promise<UndoSummary> {
  const state = carried ?? freshState();
  const run = new Run(undo, state, (given, firstRunId) => activities.openUndo({ undo: given, firstRunId }));
  await run.workAll();
  return run.closeBy(activities.closeUndo);
}
