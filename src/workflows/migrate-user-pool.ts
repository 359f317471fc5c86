import type { RunSummary } from "../domain/contract.ts";
import { activities } from "./proxies.ts";
import { Run } from "./run.ts";
import { freshState, type State } from "./state.ts";

/**
 * Moves the users of one Cognito user pool to the destination that the migration file names. The workflow id must be
 * `migrate-<userPoolId>`: the mutex on the pool. `carried` is given by continue-as-new only.
 */
export async function migrateUserPool(file: unknown, carried?: State): Promise<RunSummary> {
  const state = carried ?? freshState();
  const run = new Run(file, state, (given, firstRunId) => activities.open({ file: given, firstRunId }));
  await run.workAll();
  return run.close();
}
