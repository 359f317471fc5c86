import { ActivityFailure, CancelledFailure, condition, sleep, workflowInfo } from "@temporalio/workflow";
import type {
  BeforeApproval,
  Blocked,
  PhaseTotals,
  Progress,
  ResetStep,
  RunRef,
} from "../domain/contract.ts";
import { grouped } from "./numbers.ts";
import { showDetails, showProgress } from "./progress.ts";
import { activities, telling } from "./proxies.ts";
import type { Hold, State } from "./state.ts";
import type { Steering } from "./steering.ts";

/** Counts move soon after a batch began, and then so often that a campaign of days costs little history. */
const FIRST_COUNT_MS = 2_000;
const MAX_COUNT_MS = 20_000;

/** One step of the reset campaign: some mails, or a wait for the clock or for a person. */
export async function resetsStep(run: RunRef, state: State, steering: Steering): Promise<Progress | Blocked> {
  const isApproved = () => state.approved.includes("resets");
  const next = await activities.nextResets({
    ...{ run, approved: isApproved(), mark: state.mark ?? null },
    ...(state.asking !== undefined && { asking: state.asking }),
  });
  if (next.status !== "blocked" && next.mark) state.mark = next.mark;
  switch (next.status) {
    case "approval":
      // The word may have come while the ledger was asked.
      if (isApproved() && (next.asking ?? 0) === (state.asking ?? 0))
        return { status: "more", totals: next.totals };
      // What was approved were other mails.
      state.approved = state.approved.filter((step) => step !== "resets");
      state.totals.resets = next.totals;
      hold(state, steering, approvalOf(next));
      await condition(isApproved);
      return { status: "more", totals: next.totals };
    case "wait":
      return waitForClock(state, steering, next.forMs, next.why, next.totals);
    case "send":
      state.hold = null;
      return send(run, state, steering, next);
    case "complete":
    case "blocked":
      state.hold = null;
      return next;
  }
}

/** The ledger may go back while it is asked: what it knew before is held against it, in the next step. */
function noteSettled({ mark }: State, { done, skipped }: PhaseTotals): void {
  if (mark) mark.settled = Math.max(mark.settled, done + skipped);
}

function approvalOf({ first, isLater, cannotKnow, ahead, areOwn, asking }: BeforeApproval): Hold {
  const known = { first, isLater, cannotKnow, ...(ahead && { ahead }), ...(areOwn && { areOwn }) };
  return { kind: "approval", step: "resets", ...known, ...(asking !== undefined && { asking }) };
}

async function send(
  run: RunRef,
  state: State,
  steering: Steering,
  { from, to, dueByMs, ahead, isCanary, mark }: Extract<ResetStep, { status: "send" }>,
): Promise<Progress | Blocked> {
  const summary = `resets ${grouped(from)}–${grouped(to)}${isCanary ? ", the first ones" : ""}`;
  const { accepted } = state;
  const input = { run, accepted, from, to, dueByMs, ahead, isCanary, mark: mark ?? null };
  const sent = await whileCounting(
    run,
    state,
    activities.sendResets.executeWithOptions({ summary }, [input]),
  );
  if (sent.status === "blocked") return sent;
  if (sent.mark === undefined) noteSettled(state, sent.totals);
  else state.mark = sent.mark;
  if (sent.waitMs === 0) return { status: "more", totals: sent.totals };
  return waitForClock(state, steering, sent.waitMs, sent.why, sent.totals);
}

/** Where the batch stands shows while it is at work: the ledger knows, and is asked now and then. */
async function whileCounting<T>(run: RunRef, state: State, batch: Promise<T>): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  batch.then(end, end);
  try {
    for (let waitMs = FIRST_COUNT_MS; !(await condition(() => isOver, waitMs)); ) {
      // A pace of a few mails an hour makes a batch of days, and Temporal ends a run whose history grows for ever.
      if (workflowInfo().continueAsNewSuggested) break;
      const counted = await telling.countPhase({ run, phase: "resets" });
      if ("status" in counted) break;
      state.totals.resets = counted;
      noteSettled(state, counted);
      showDetails(state);
      waitMs = Math.min(2 * waitMs, MAX_COUNT_MS);
    }
  } catch (error) {
    // Counts that nobody gives stop no mail; a cancellation reaches the batch as well, which ends first.
    if (!(error instanceof ActivityFailure || error instanceof CancelledFailure)) throw error;
  }
  return batch;
}

async function waitForClock(
  state: State,
  steering: Steering,
  forMs: number,
  why: string,
  totals: PhaseTotals,
): Promise<Progress> {
  hold(state, steering, { kind: "clock", why });
  await sleep(forMs);
  state.hold = null;
  return { status: "more", totals };
}

/** The run stands still; somebody is told where it is a person's turn. */
function hold(state: State, steering: Steering, reason: Hold): void {
  const isNew = JSON.stringify(state.hold) !== JSON.stringify(reason);
  state.hold = reason;
  showProgress(state);
  if (isNew && reason.kind === "approval") steering.callSomebody();
}
