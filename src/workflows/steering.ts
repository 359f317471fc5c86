import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  setHandler,
} from "@temporalio/workflow";
import { isItemPhase } from "../phases.ts";
import type { Blocked, Pace, SkippedProvider } from "./contract.ts";
import {
  approveUpdate,
  pauseUpdate,
  progressQuery,
  refuse,
  resumeUpdate,
  setPaceUpdate,
  skipProviderUpdate,
  validateApprove,
  validatePace,
  validateResume,
  validateSkipProvider,
} from "./messages.ts";
import { progressOf, showProgress, waitsFor } from "./progress.ts";
import { activities, alerts } from "./proxies.ts";
import { isWaiting, runState, type State, waitsForApproval } from "./state.ts";

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
        'Goes on after a pause, or after the run parked; looks at once at what it waits for. Input: nothing, or {"accept": ["<code>"]}',
      validator: (input) => {
        if (!["Paused", "Blocked", "Waiting"].includes(runState(state)))
          refuse("The run is neither paused nor parked, and waits for nothing.");
        validateResume(input);
      },
    });
    setHandler(skipProviderUpdate, (skipped) => this.#skipProvider(skipped), {
      description:
        'The run goes on without this identity provider: {"name": "Google", "reason": "turned off last year"}. The report names it.',
      validator: (input) => {
        const missing = isWaiting(state) ? (state.missing ?? []) : [];
        validateSkipProvider(
          input,
          missing.map(({ name }) => name),
        );
      },
    });
    setHandler(approveUpdate, ({ step }) => this.#approve(step), {
      description: 'The run goes on with what it waits to be approved: {"step": "resets"}',
      validator: (input) => validateApprove(input, (step) => waitsForApproval(state, step)),
    });
    setHandler(setPaceUpdate, (pace) => this.#setPace(pace), {
      description:
        'Calls a second: {"writesPerSecond": 20}; also readsPerSecond, callsPerSecond (their sum), pagesPerSecond (Cognito), resetsPerSecond (mails)',
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
      const prepared = await activities.prepareResume({
        run: state.opened.run,
        retries,
        ...(isItemPhase(state.phase) && { phase: state.phase }),
      });
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
    this.callSomebody();
  }

  /** Tells the alert webhook what the run waits for. Nobody waits for that, and its failure is no failure of the run. */
  callSomebody(): void {
    const waits = waitsFor(this.#state);
    if (waits === null) return;
    alerts.alert({ phase: this.#state.phase, ...waits }).catch(() => undefined);
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
    // The gate's next look would come by itself, in minutes; so would the next look at the clock.
    if (runState(state) === "Waiting") this.#scope?.cancel();
    state.blocked = null;
    state.paused = false;
    showProgress(state);
    return "Running.";
  }

  #approve(step: string): string {
    const state = this.#state;
    state.approved = [...(state.approved ?? []), step];
    state.hold = null;
    this.#scope?.cancel();
    showProgress(state);
    return `Approved: ${step}.`;
  }

  #skipProvider({ name, reason }: SkippedProvider): string {
    const state = this.#state;
    state.skippedProviders = [...state.skippedProviders, { name, reason }];
    state.missing = (state.missing ?? []).filter((provider) => provider.name !== name);
    this.#scope?.cancel();
    showProgress(state);
    const left = state.missing.map((provider) => provider.name);
    return left.length === 0 ? `Skipped ${name}.` : `Skipped ${name}; still waiting for ${left.join(", ")}.`;
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
