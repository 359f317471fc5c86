import type { VerifySummary } from "../domain/contract.ts";
import { activities } from "./proxies.ts";
import { Run } from "./run.ts";
import { freshState, type State } from "./state.ts";

/**
 * Compares what stands at the destination with what was written, at any time. The workflow id is that of the migration,
 * `migrate-<userPoolId>`: no run writes meanwhile. `carried` is given by continue-as-new only.
 */
export async function verifyMigration(verify: unknown, carried?: State): Promise<VerifySummary> {
  const state = carried ?? freshState();
  const run = new Run(verify, state, (given, firstRunId) =>
    activities.openVerify({ verify: given, firstRunId }),
  );
  await run.workAll();
  return run.closeBy(activities.closeVerify);
}
