import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import { acceptableCodes } from "../domain/blocked.ts";
import type { Blocked, Pace, SkippedProvider } from "../domain/contract.ts";
import { isItemPhase } from "../domain/phases.ts";
import { asInstalled } from "../domain/programs.ts";
import { shellLine } from "../domain/shell-line.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { runWords } from "../domain/workflow-id.ts";
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
import { answerOf, progressOf, showProgress } from "./progress.ts";
import { activities, telling } from "./proxies.ts";
import { type Approval, isHeld, isWaiting, runState, type State, waitsForApproval } from "./state.ts";
import { waitsFor } from "./waits.ts";

const INTERRUPTED = Symbol("interrupted");

/** The operator's hands on the run: pause, resume, pace; and parking, where the run asks for them. */
export class Steering {
  readonly #state: State;
  readonly #continueAsNew: () => Promise<never>;
  /** Of what is at work now. */
  #scope: CancellationScope | undefined;
  /** Calls to the alert webhook that have not ended. */
  #alertsUnderWay = 0;

  constructor(state: State, continueAsNew: () => Promise<never>) {
    this.#state = state;
    this.#continueAsNew = continueAsNew;
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
        validateResume(input, state.blocked === null ? [] : acceptableCodes(state.blocked));
      },
    });
    setHandler(skipProviderUpdate, (skipped) => this.#skipProvider(skipped), {
      description:
        'The run goes on without this identity provider: {"name": "Google", "reason": "turned off last year"}. The report names it. With "works": true it counts as verified by hand.',
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

  /** Does some work as soon as nothing holds the run, and again where a pause or an answer interrupted it. */
  async work<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.#prepared();
      const done = await this.#interruptible(ask);
      if (done !== INTERRUPTED) return done;
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
    const { opened, phase } = this.#state;
    const alert = { run: opened?.run ?? null, phase, ...answerOf(waits) };
    this.#alertsUnderWay += 1;
    // A pause or a cancellation at this moment would take the call back.
    CancellationScope.nonCancellable(() => telling.alert(alert))
      .catch(() => undefined)
      .finally(() => {
        this.#alertsUnderWay -= 1;
      });
  }

  async handlersDone(): Promise<void> {
    await condition(allHandlersFinished);
  }

  /**
   * Waits while the run is paused or parked, and prepares what the operator's answer asks for; in a new history where this
   * one is long. People, and scripts that answer for them, may do the same for ever: Temporal ends a run whose history
   * grows too long, and refuses every update of one that had too many.
   */
  async #prepared(): Promise<void> {
    const state = this.#state;
    for (;;) {
      if (isHeld(state)) await this.#held();
      if (workflowInfo().continueAsNewSuggested) await this.#continueAsNew();
      if (state.toPrepare === null) return;
      await this.#prepare(state.toPrepare);
    }
  }

  /** What interrupted work had done by its end is counted meanwhile: it brings no counts itself. */
  async #held(): Promise<void> {
    const counting = new CancellationScope();
    counting.run(() => this.#count()).catch(() => undefined);
    await condition(() => !isHeld(this.#state) || this.#mayBeginHistory());
    counting.cancel();
  }

  async #count(): Promise<void> {
    const { opened, phase, totals } = this.#state;
    if (opened === null || !isItemPhase(phase)) return;
    const counted = await telling.countPhase({ run: opened.run, phase });
    if ("status" in counted) return;
    totals[phase] = counted;
    showProgress(this.#state);
  }

  /** While the run is held: a history that ends takes back the call that tells somebody. */
  #mayBeginHistory(): boolean {
    return workflowInfo().continueAsNewSuggested && this.#alertsUnderWay === 0;
  }

  /** What a pause interrupts is left to the next `resume`. */
  async #prepare(codes: readonly string[]): Promise<void> {
    const state = this.#state;
    const { opened, accepted, phase } = state;
    if (opened !== null) {
      const input = {
        run: opened.run,
        retries: codes.filter((code) => !accepted.includes(code)),
        phase: isItemPhase(phase) ? phase : null,
      };
      const prepared = await this.#interruptible(() => activities.prepareResume(input));
      if (prepared === INTERRUPTED) return;
      if ("status" in prepared) return this.park(prepared);
    }
    if (state.toPrepare === codes) state.toPrepare = null;
  }

  /** Runs work that a pause cancels: whatever such work had open is put back by its activities. */
  async #interruptible<T>(work: () => Promise<T>): Promise<T | typeof INTERRUPTED> {
    if (isHeld(this.#state)) return INTERRUPTED;
    const root = CancellationScope.current();
    const scope = new CancellationScope();
    this.#scope = scope;
    try {
      const done = await scope.run(work);
      if (!root.consideredCancelled) return done;
    } catch (error) {
      // A worker that died while it was being cancelled shows as a timeout, not as a cancellation.
      if (!root.consideredCancelled && scope.consideredCancelled) return INTERRUPTED;
      if (!root.consideredCancelled) throw error;
    } finally {
      this.#scope = undefined;
    }
    throw new CancelledFailure("The run was cancelled.");
  }

  #pause(): string {
    this.#state.paused = true;
    this.#scope?.cancel();
    showProgress(this.#state);
    if (this.#state.blocked !== null)
      return "The run stays Blocked, where no new call starts anyway; `resume` ends the pause as well.";
    return asInstalled(
      `Paused: no new call starts. \`${shellLine(runWords("resume", workflowInfo().workflowId))}\` goes on.`,
    );
  }

  #resume(accept: readonly string[]): string {
    const state = this.#state;
    state.accepted = [...new Set([...state.accepted, ...accept])];
    const wasBlocked = state.blocked !== null;
    if (state.blocked !== null) {
      const { retries } = state.blocked;
      state.toPrepare = [...(state.toPrepare ?? []), ...(retries === null ? [] : [retries])];
    }
    // The gate's next look would come by itself, in minutes; so would the next look at the clock.
    if (runState(state) === "Waiting") this.#scope?.cancel();
    state.blocked = null;
    state.paused = false;
    showProgress(state);
    return wasBlocked && runState(state) === "Running"
      ? "Running: it looks again at what it was parked for."
      : goesOn(state);
  }

  #approve(step: Approval): string {
    const state = this.#state;
    state.approved = [...state.approved, step];
    if (state.hold?.kind === "approval" && state.hold.asking !== undefined) state.asking = state.hold.asking;
    state.hold = null;
    this.#scope?.cancel();
    showProgress(state);
    return `Approved: ${step}.`;
  }

  #skipProvider({ name, reason, works = false }: SkippedProvider): string {
    const state = this.#state;
    state.skippedProviders = [...state.skippedProviders, { name, reason, works }];
    const missing = (state.missing ?? []).filter((provider) => provider.name !== name);
    state.missing = missing;
    this.#scope?.cancel();
    showProgress(state);
    const left = missing.map((provider) => provider.name).join(", ");
    const done = works ? `${name} counts as verified` : `Skipped ${name}`;
    return terminalText(left === "" ? `${done}.` : `${done}; still waiting for ${left}.`);
  }

  async #setPace(change: Partial<Pace>): Promise<Pace> {
    const state = this.#state;
    // No handler may hold up the new history of a run that parks before it is open.
    await condition(() => state.opened !== null || workflowInfo().continueAsNewSuggested);
    const { opened } = state;
    if (opened === null) refuse("The run has not opened its ledger yet.");
    const refused = await activities.setPace({ run: opened.run, pace: change });
    if (refused !== undefined && refused !== null) refuse(refused.sentence);
    opened.pace = { ...opened.pace, ...change };
    showProgress(state);
    // A wait of days ends no step by itself, so that a pace that is set again and again would lengthen one history.
    if (runState(state) === "Waiting" && workflowInfo().continueAsNewSuggested) this.#scope?.cancel();
    return opened.pace;
  }
}

/** What comes of a `resume`. */
function goesOn(state: State): string {
  if (state.hold?.kind === "approval")
    return `Waiting for an approval of "${state.hold.step}": \`approve\` gives it, resume does not.`;
  return runState(state) === "Waiting" ? "Waiting: looks again now." : "Running.";
}
