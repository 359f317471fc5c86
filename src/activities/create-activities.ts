import type { AlertInput, Blocked, OpenInput, RunRef } from "../workflows/contract.ts";
import { assess } from "./assess/assess.ts";
import { findOpenWork } from "./batch/open-work.ts";
import { blocked } from "./blocked.ts";
import { alert, prepareResume, setPace } from "./controls.ts";
import { awaitProviders } from "./credentials/await-providers.ts";
import { credentials } from "./credentials/credentials.ts";
import type { Deps } from "./deps.ts";
import { createMemberships } from "./memberships/create-memberships.ts";
import { open } from "./open.ts";
import { plan } from "./plan/plan.ts";
import { type Pulse, withPulse } from "./pulse.ts";
import { close, report } from "./report.ts";
import { nextResets } from "./resets/next-resets.ts";
import { sendResets } from "./resets/send-resets.ts";
import { snapshot } from "./snapshot/snapshot.ts";
import { createStructure } from "./structure/create-structure.ts";
import { importUsers } from "./users/import-users.ts";
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
    credentials: ownLedger(credentials),
    awaitProviders: ownLedger(awaitProviders),
    snapshot: ownLedger(snapshot),
    plan: ownLedger(plan),
    findOpenWork: ownLedger(findOpenWork),
    createStructure: ownLedger(createStructure),
    importUsers: ownLedger(importUsers),
    createMemberships: ownLedger(createMemberships),
    nextResets: ownLedger(nextResets),
    sendResets: ownLedger(sendResets),
    verify: ownLedger(verify),
    report: ownLedger(report),
    close: ownLedger(close),
    setPace: ownLedger(setPace),
    prepareResume: ownLedger(prepareResume),
  };
}
