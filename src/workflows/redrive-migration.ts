import type { RedriveSummary } from "../domain/contract.ts";
import { programOf } from "../domain/phases.ts";
import { activities } from "./proxies.ts";
import { Run } from "./run.ts";
import { freshState, type State } from "./state.ts";

/**
 * Tries again what failed in the newest run, and nothing else. The workflow id is that of the migration,
 * `migrate-<userPoolId>`. `carried` is given by continue-as-new only.
 */
export async function redriveMigration(redrive: unknown, carried?: State): Promise<RedriveSummary> {
  const state = carried ?? freshState();
  const run = new Run(redrive, state, (given, firstRunId) =>
    activities.openRedrive({ redrive: given, firstRunId }),
  );
  const program = programOf(await run.open());
  const at = program.findIndex(({ phase }) => phase === state.phase);
  for (const step of program.slice(at)) await run.work(step);
  return run.closeBy(activities.closeRedrive);
}
