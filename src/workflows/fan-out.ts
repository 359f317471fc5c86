import { CancellationScope, workflowInfo } from "@temporalio/workflow";
import type { Blocked, PhaseTotals, Progress, RunRef } from "../domain/contract.ts";
import type { FanOutPhase } from "../domain/phases.ts";
import { grouped } from "./numbers.ts";
import { onePass } from "./one-pass.ts";
import { activities } from "./proxies.ts";

export interface FanOutInput {
  run: RunRef;
  phase: FanOutPhase;
  batchSize: number;
  accepted: readonly string[];
  onTotals: (totals: PhaseTotals) => void;
}

/** One pass over a phase's open work, by activities. */
export function fanOut(input: FanOutInput): Promise<Progress | Blocked> {
  const { run, phase, batchSize, accepted, onTotals } = input;
  const scope = new CancellationScope();
  return scope.run(() =>
    onePass({
      findOpenWork: (from) => activities.findOpenWork({ run, phase, from, batchSize }),
      send({ from, to }) {
        const summary = `${phase} ${grouped(from)}–${grouped(to)}`;
        return activities.sendBatch.executeWithOptions({ summary }, [{ run, phase, from, to, accepted }]);
      },
      isHistoryLong: () => workflowInfo().continueAsNewSuggested,
      stop: () => scope.cancel(),
      onTotals,
    }),
  );
}
