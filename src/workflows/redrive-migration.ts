import type { RedriveSummary } from "../domain/contract.ts";
import { CHANGED_IN_COGNITO } from "../domain/outcomes.ts";
import { activities } from "./proxies.ts";
import { leftOpen, Run } from "./run.ts";
import { freshState, type State } from "./state.ts";

/**
 * Tries again what failed in the newest run, and nothing else. The workflow id is that of the migration,
 * `migrate-<userPoolId>`. `carried` is given by continue-as-new only.
 */
export async function redriveMigration(redrive: unknown, carried?: State): Promise<RedriveSummary> {
  // Whoever has changed is left to the next run: no reason to stop for an operator.
  const state = carried ?? { ...freshState(), accepted: [CHANGED_IN_COGNITO] };
  const run = new Run(redrive, state, (given, firstRunId) =>
    activities.openRedrive({ redrive: given, firstRunId }),
  );
  await run.workAll();
  const summary = await run.closeBy(activities.closeRedrive);
  if (summary.people.open > 0) throw leftOpen(summary.people.open);
  return summary;
}
