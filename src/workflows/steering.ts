import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  setHandler,
} from "@temporalio/workflow";
import type { Blocked, Pace } from "./contract.ts";
import {
  pauseUpdate,
  progressQuery,
  refuse,
  resumeUpdate,
  setPaceUpdate,
  validatePace,
  validateResume,
} from "./messages.ts";
import { progressOf, resumeCommand, showProgress } from "./progress.ts";
import { activities, alerts } from "./proxies.ts";
import { runState, type State } from "./state.ts";

export type Interrupted = { status: "interrupted" };

/** The operator's hands on the run: pause, resume, pace; and parking, where the run asks for them. */
export class Steering {
  readonly #state: State;
  #scope: CancellationScope | undefined;
  /** What the operator answered, until it was acted upon. */
  #answered: Blocked | undefined;

  constructor(state: State) {
    this.#state = state;
    setHandler(progressQuery, () => progressOf(state), {
      description: "Phase, counts, pace and what the run waits for",
    });
    setHandler(pauseUpdate, () => this.#pause(), {
      description: "No new call starts; calls in flight finish. No input.",
      validator: () => {
        if (state.paused) refuse("The run is paused already.");
        if (state.done) refuse("The run is done.");
      },
    });
    setHandler(resumeUpdate, (input) => this.#resume(input?.accept ?? []), {
      description:
        'Goes on after a pause, or after the run parked. Input: nothing, or {"accept": ["<code>"]}',
      validator: (input) => {
        if (runState(state) !== "Paused" && runState(state) !== "Blocked")
          refuse("The run is neither paused nor parked.");
        validateResume(input);
      },
    });
    setHandler(setPaceUpdate, (pace) => this.#setPace(pace), {
      description:
        'Calls a second: {"writesPerSecond": 20}; also readsPerSecond, callsPerSecond (their sum), pagesPerSecond (Cognito)',
      validator: validatePace,
    });
  }

  /** Waits while the run is paused or parked, and prepares what the operator's answer asks for. */
  async mayGoOn(): Promise<void> {
    const state = this.#state;
    for (;;) {
      await condition(() => !state.paused && state.blocked === null);
      const answered = this.#answered;
      this.#answered = undefined;
      if (answered === undefined || state.opened === null) return;
      const retries = state.accepted.includes(answered.retries ?? "") ? null : answered.retries;
      const prepared = await activities.prepareResume({ run: state.opened.run, retries });
      if (!("status" in prepared)) return;
      this.park(prepared);
    }
  }

  /** Runs work that a pause cancels: whatever such work had open is put back by its activities. */
  async interruptible<T>(work: () => Promise<T>): Promise<T | Interrupted> {
    const root = CancellationScope.current();
    const scope = new CancellationScope();
    this.#scope = scope;
    try {
      return await scope.run(work);
    } catch (error) {
      // A worker that died while it was being cancelled shows as a timeout, not as a cancellation.
      if (root.consideredCancelled) throw new CancelledFailure("The run was cancelled.");
      if (scope.consideredCancelled) return { status: "interrupted" };
      throw error;
    } finally {
      this.#scope = undefined;
    }
  }

  /** Stops the run until an operator resumes it. */
  park(reason: Blocked): void {
    this.#state.blocked = reason;
    showProgress(this.#state);
    const { phase } = this.#state;
    const { code, sentence } = reason;
    const alert = alerts.alert({ phase, code, sentence, command: resumeCommand(this.#state) });
    // Nobody waits for it, and its failure is no failure of the run.
    alert.catch(() => undefined);
  }

  async handlersDone(): Promise<void> {
    await condition(allHandlersFinished);
  }

  #pause(): string {
    this.#state.paused = true;
    this.#scope?.cancel();
    showProgress(this.#state);
    return "Paused: no new call starts. Resume with the update `resume`.";
  }

  #resume(accept: readonly string[]): string {
    const state = this.#state;
    state.accepted = [...new Set([...state.accepted, ...accept])];
    this.#answered = state.blocked ?? undefined;
    state.blocked = null;
    state.paused = false;
    showProgress(state);
    return "Running.";
  }

  async #setPace(change: Partial<Pace>): Promise<Pace> {
    const state = this.#state;
    await condition(() => state.opened !== null);
    const { opened } = state;
    if (opened === null) refuse("The run has not opened its ledger yet.");
    const refused = await activities.setPace({ run: opened.run, pace: change });
    if (refused !== undefined && refused !== null) refuse(refused.sentence);
    opened.pace = { ...opened.pace, ...change };
    showProgress(state);
    return opened.pace;
  }
}
