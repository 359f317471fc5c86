import type {
  AlertInput,
  Blocked,
  OpenInput,
  OpenRedriveInput,
  OpenUndoInput,
  OpenVerifyInput,
  RunRef,
} from "../domain/contract.ts";
import type { ItemPhase } from "../domain/phases.ts";
import { type Pulse, withPulse } from "../engine/heartbeat.ts";
import { accessTrouble } from "./access.ts";
import { assess } from "./assess/assess.ts";
import { alert, prepareResume, setPace } from "./controls.ts";
import { awaitProviders } from "./credentials/await-providers.ts";
import { credentials } from "./credentials/credentials.ts";
import type { Deps } from "./deps.ts";
import { findOpenWork, phaseTotals } from "./fan-out/open-work.ts";
import { sendBatch } from "./fan-out/send-batch.ts";
import { ForeignWorkerError, foreignWorker } from "./foreign-worker.ts";
import { disown, open } from "./open.ts";
import { plan } from "./plan/plan.ts";
import { closeRedrive } from "./redrive/close-redrive.ts";
import { openRedrive } from "./redrive/open-redrive.ts";
import { planRedrive } from "./redrive/plan-redrive.ts";
import { close, report } from "./report.ts";
import { nextResets } from "./resets/next-resets.ts";
import { sendResets } from "./resets/send-resets.ts";
import { type Base, standsInWay } from "./run-standing.ts";
import { snapshot } from "./snapshot/snapshot.ts";
import { assessUndo } from "./undo/assess-undo.ts";
import { closeUndo } from "./undo/close-undo.ts";
import { openUndo } from "./undo/open-undo.ts";
import { planUndo } from "./undo/plan-undo.ts";
import { verify } from "./verify/verify.ts";
import { beginVerify } from "./verify-alone/begin-verify.ts";
import { closeVerify } from "./verify-alone/close-verify.ts";
import { openVerify } from "./verify-alone/open-verify.ts";

export type Activities = ReturnType<typeof createActivities>;

/**
 * Everything with a side effect. A worker of another ledger or environment than the run's does nothing, nor does one whose
 * ledger does not hold what the run has written so far.
 */
export function createActivities(deps: Deps) {
  function ofRun<Input extends { run: RunRef }, Result>(
    activity: (deps: Deps, input: Input, pulse: Pulse) => Promise<Result>,
    base: Base | null = null,
  ): (input: Input) => Promise<Result | Blocked> {
    return (input) =>
      withPulse(async (pulse) => {
        const foreign = foreignWorker(deps, input.run);
        if (foreign !== null) return foreign;
        const ledger = deps.ledger.session();
        const inWay = await standsInWay(ledger, input.run, base);
        if (inWay !== null) return inWay;
        const result = await activity({ ...deps, ledger }, input, pulse);
        // What Temporal is told to be done is on disk.
        await ledger.sync();
        return result;
      });
  }
  /** For what calls the destination. */
  function asking<Input extends { run: RunRef }, Result>(
    activity: (deps: Deps, input: Input, pulse: Pulse) => Promise<Result>,
  ): (deps: Deps, input: Input, pulse: Pulse) => Promise<Result | Blocked> {
    return async (own, input, pulse) =>
      (await accessTrouble(own, input.run, pulse)) ?? activity(own, input, pulse);
  }
  return {
    open: (input: OpenInput) => withPulse(() => open(deps, input)),
    openVerify: (input: OpenVerifyInput) => withPulse(() => openVerify(deps, input)),
    openRedrive: (input: OpenRedriveInput) => withPulse(() => openRedrive(deps, input)),
    openUndo: (input: OpenUndoInput) => withPulse(() => openUndo(deps, input)),
    alert: (input: AlertInput) =>
      withPulse(async () => {
        if (input.run !== null && foreignWorker(deps, input.run) !== null) throw new ForeignWorkerError();
        await alert(deps, input);
      }),
    disown: (input: { run: RunRef }) =>
      withPulse(async () => {
        if (foreignWorker(deps, input.run) !== null) throw new ForeignWorkerError();
        await disown(deps, input);
      }),
    assess: ofRun(assess),
    credentials: ofRun(asking(credentials), "assess"),
    awaitProviders: ofRun(asking(awaitProviders), "assess"),
    snapshot: ofRun(snapshot, "assess"),
    plan: ofRun(plan, "snapshot"),
    findOpenWork: ofRun(findOpenWork, "plan"),
    sendBatch: ofRun(asking(sendBatch), "plan"),
    nextResets: ofRun(nextResets, "plan"),
    sendResets: ofRun(asking(sendResets), "plan"),
    verify: ofRun(asking(verify), "plan"),
    report: ofRun(report, "plan"),
    close: ofRun(close, "plan"),
    beginVerify: ofRun(beginVerify),
    // What the run before planned stands, whether it came to its end or not.
    verifyAlone: ofRun(asking(verify)),
    closeVerify: ofRun(closeVerify),
    // The plan of the run before is gone by.
    planRedrive: ofRun(asking(planRedrive), "plan"),
    closeRedrive: ofRun(closeRedrive, "plan"),
    assessUndo: ofRun(asking(assessUndo)),
    planUndo: ofRun(planUndo, "assess"),
    closeUndo: ofRun(closeUndo, "plan"),
    countPhase: ofRun((own, { run, phase }: { run: RunRef; phase: ItemPhase }) =>
      phaseTotals(own, run, phase),
    ),
    setPace: ofRun(setPace),
    prepareResume: ofRun(prepareResume),
  };
}
