import {
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  patched,
  workflowInfo,
} from "@temporalio/workflow";
import {
  type FanOutPhase,
  FIRST_PHASES,
  PHASES,
  type Phase,
  PILOT_PHASES,
  WRITING_PHASES,
} from "../phases.ts";
import type { Blocked, Opened, PhaseTotals, Progress, Refused, RunSummary } from "./contract.ts";
import { fanOut } from "./fan-out.ts";
import { standAtGate } from "./gate.ts";
import { showDetails, showProgress } from "./progress.ts";
import { activities } from "./proxies.ts";
import { resetsStep } from "./resets.ts";
import { freshState, type State } from "./state.ts";
import { Steering } from "./steering.ts";

/** Runs that began before these phases existed go on without them. */
const CREDENTIALS_AND_STRUCTURE = "credentials-and-structure";
/** Search attributes are written every few batches at first, then more rarely: each write is a history event. */
const EARLY_BATCHES = 40;
const SHOW_EVERY_EARLY = 4;
const SHOW_EVERY = 20;

/**
 * Moves the users of one Cognito user pool to the destination that the migration file names. The workflow id must be
 * `migrate-<userPoolId>`: the mutex on the pool. `carried` is given by continue-as-new only.
 */
export async function migrateUserPool(file: unknown, carried?: State): Promise<RunSummary> {
  const state = carried ?? freshState();
  const run = new Run(file, state, new Steering(state));
  const opened = await run.open();
  const phases = phasesOf(opened);
  for (const phase of phases.slice(phases.indexOf(state.phase))) {
    if (opened.dryRun && WRITING_PHASES.includes(phase)) continue;
    if (phase === "resets" && !opened.sendsResets) continue;
    await run.work(phase, opened);
  }
  return run.close(opened);
}

function phasesOf({ isPilot }: Opened): readonly Phase[] {
  if (!patched(CREDENTIALS_AND_STRUCTURE)) return FIRST_PHASES;
  return isPilot ? PILOT_PHASES : PHASES;
}

class Run {
  readonly #file: unknown;
  readonly #state: State;
  readonly #steering: Steering;
  #batches = 0;

  constructor(file: unknown, state: State, steering: Steering) {
    this.#file = file;
    this.#state = state;
    this.#steering = steering;
  }

  async open(): Promise<Opened> {
    if (this.#state.opened !== null) return this.#state.opened;
    const { firstExecutionRunId } = workflowInfo();
    const opened = await this.#untilAnswered<Opened | Refused>(() =>
      activities.open({ file: this.#file, firstRunId: firstExecutionRunId }),
    );
    if (opened.status === "refused") throw ApplicationFailure.nonRetryable(opened.sentence, "BadInput");
    this.#state.opened = opened;
    return opened;
  }

  /** Works one phase until the ledger says that it is complete. */
  async work(phase: Phase, opened: Opened): Promise<void> {
    this.#state.phase = phase;
    showProgress(this.#state);
    for (;;) {
      const progress = await this.#untilAnswered(() => this.#step(phase, opened));
      this.#state.totals[phase] = progress.totals;
      showDetails(this.#state);
      if (progress.status === "complete") return;
      if (workflowInfo().continueAsNewSuggested) await this.#continueAsNew();
    }
  }

  async close(opened: Opened): Promise<RunSummary> {
    const summary = await this.#untilAnswered(() => activities.close({ run: opened.run }));
    this.#state.done = true;
    showProgress(this.#state);
    await this.#steering.handlersDone();
    return summary;
  }

  #step(phase: Phase, { run, batchSize, dryRun }: Opened): Promise<Progress | Blocked> {
    const { accepted } = this.#state;
    switch (phase) {
      case "credentials":
        return standAtGate(run, dryRun, this.#state, this.#steering);
      case "resets":
        return resetsStep(run, this.#state, this.#steering);
      case "structure":
      case "users":
      case "memberships":
        return fanOut({
          run,
          phase,
          batchSize,
          accepted,
          onTotals: (totals) => this.#countBatch(phase, totals),
        });
      default:
        return activities[phase]({ run, accepted });
    }
  }

  #countBatch(phase: FanOutPhase, totals: PhaseTotals): void {
    this.#state.totals[phase] = totals;
    this.#batches += 1;
    const every = this.#batches <= EARLY_BATCHES ? SHOW_EVERY_EARLY : SHOW_EVERY;
    if (this.#batches % every === 0) showProgress(this.#state);
    else showDetails(this.#state);
  }

  /** Asks again after each pause, and after each time that the run parked and was resumed. */
  async #untilAnswered<T extends object>(ask: () => Promise<T | Blocked>): Promise<T> {
    for (;;) {
      await this.#steering.mayGoOn();
      const answer = await this.#steering.interruptible(ask);
      if (!isStopped(answer)) return answer;
      if (answer.status === "interrupted") continue;
      if (this.#state.opened?.dryRun) throw ApplicationFailure.nonRetryable(answer.sentence, answer.code);
      this.#steering.park(answer);
    }
  }

  async #continueAsNew(): Promise<never> {
    await this.#steering.handlersDone();
    return CancellationScope.nonCancellable(() =>
      continueAsNew<typeof migrateUserPool>(this.#file, this.#state),
    );
  }
}

function isStopped(answer: object): answer is Blocked | { status: "interrupted" } {
  return "status" in answer && (answer.status === "blocked" || answer.status === "interrupted");
}
