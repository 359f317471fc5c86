import { condition, sleep } from "@temporalio/workflow";
import type { Blocked, PhaseTotals, Progress, ResetStep, RunRef } from "../domain/contract.ts";
import { grouped } from "./numbers.ts";
import { showProgress } from "./progress.ts";
import { activities } from "./proxies.ts";
import type { Hold, State } from "./state.ts";
import type { Steering } from "./steering.ts";

const QUOTA_SPENT = "The destination sends no more mails today.";

/** One step of the reset campaign: some mails, or a wait for the clock or for a person. */
export async function resetsStep(run: RunRef, state: State, steering: Steering): Promise<Progress | Blocked> {
  const isApproved = () => state.approved.includes("resets");
  const next = await activities.nextResets({ run, approved: isApproved() });
  switch (next.status) {
    case "approval":
      // The word may have come while the ledger was asked.
      if (isApproved()) return { status: "more", totals: next.totals };
      hold(state, steering, { kind: "approval", step: "resets" });
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

async function send(
  run: RunRef,
  state: State,
  steering: Steering,
  { from, to, isCanary }: Extract<ResetStep, { status: "send" }>,
): Promise<Progress | Blocked> {
  const summary = `resets ${grouped(from)}–${grouped(to)}${isCanary ? ", the first ones" : ""}`;
  const { accepted } = state;
  const sent = await activities.sendResets.executeWithOptions({ summary }, [{ run, accepted, from, to }]);
  if (sent.status === "blocked") return sent;
  if (sent.waitMs === 0) return { status: "more", totals: sent.totals };
  return waitForClock(state, steering, sent.waitMs, QUOTA_SPENT, sent.totals);
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
