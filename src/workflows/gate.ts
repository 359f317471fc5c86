import type { Blocked, Progress, RunRef } from "../domain/contract.ts";
import { gateSummary } from "./details.ts";
import { showProgress } from "./progress.ts";
import { activities } from "./proxies.ts";
import type { State } from "./state.ts";
import type { Steering } from "./steering.ts";

/** Makes what can be made by API, then stands at the gate until every provider is verified or skipped by name. */
export async function standAtGate(
  run: RunRef,
  dryRun: boolean,
  state: State,
  steering: Steering,
): Promise<Progress | Blocked> {
  if (state.missing === null) {
    const made = await activities.credentials({ run, accepted: state.accepted });
    if (made.status === "blocked" || dryRun) return made;
  }
  const { skippedProviders: skipped, missing } = state;
  // An activity that tries itself again looks like one that fails, unless it says what it does.
  const gate = await activities.awaitProviders.executeWithOptions({ summary: gateSummary(missing) }, [
    { run, skipped, missing },
  ]);
  if (gate.status === "blocked") return gate;
  state.missing = gate.missing;
  state.keptProviders = gate.kept ?? [];
  showProgress(state);
  if (missing === null) steering.callSomebody();
  return { status: gate.missing.length === 0 ? "complete" : "more", totals: gate.totals };
}
