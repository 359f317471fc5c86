import type { AlertInput, Blocked, OpenInput, RunRef } from "../workflows/contract.ts";
import { assess } from "./assess.ts";
import { blocked } from "./blocked.ts";
import { alert, prepareResume, setPace } from "./controls.ts";
import type { Deps } from "./deps.ts";
import { open } from "./open.ts";
import { plan } from "./plan/plan.ts";
import { type Pulse, withPulse } from "./pulse.ts";
import { close, report } from "./report.ts";
import { snapshot } from "./snapshot/snapshot.ts";
import { findOpenWork, importUsers } from "./users/import-users.ts";
import { verify } from "./verify/verify.ts";

export type Activities = ReturnType<typeof createActivities>;

/** Everything with a side effect. All but `open` and `alert` refuse to work with another ledger than the run's. */
export function createActivities(deps: Deps) {
  function ownLedger<Input extends { run: RunRef }, Result>(
    activity: (deps: Deps, input: Input, pulse: Pulse) => Promise<Result>,
  ): (input: Input) => Promise<Result | Blocked> {
    return (input) =>
      withPulse(async (pulse) => {
        if (input.run.ledgerId !== deps.ledger.id) return blocked("foreign_ledger");
        const result = await activity(deps, input, pulse);
        // What Temporal is told to be done is on disk.
        await deps.ledger.sync();
        return result;
      });
  }
  return {
    open: (input: OpenInput) => withPulse(() => open(deps, input)),
    alert: (input: AlertInput) => withPulse(() => alert(deps, input)),
    assess: ownLedger(assess),
    snapshot: ownLedger(snapshot),
    plan: ownLedger(plan),
    findOpenWork: ownLedger(findOpenWork),
    importUsers: ownLedger(importUsers),
    verify: ownLedger(verify),
    report: ownLedger(report),
    close: ownLedger(close),
    setPace: ownLedger(setPace),
    prepareResume: ownLedger(prepareResume),
  };
}
