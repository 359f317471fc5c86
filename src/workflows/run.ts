import {
  ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  isCancellation,
  patched,
  workflowInfo,
} from "@temporalio/workflow";
import type {
  Blocked,
  Opened,
  PhaseTotals,
  Progress,
  Refused,
  RunRef,
  RunSummary,
  TimesOfPhases,
} from "../domain/contract.ts";
import { type FanOutPhase, type PhasesOf, programOf, type Step } from "../domain/phases.ts";
import { fanOut } from "./fan-out.ts";
import { standAtGate } from "./gate.ts";
import { grouped } from "./numbers.ts";
import { showDetails, showProgress } from "./progress.ts";
import { activities, telling } from "./proxies.ts";
import { resetsStep } from "./resets.ts";
import type { State } from "./state.ts";
import { Steering } from "./steering.ts";

/** Search attributes are written every few batches at first, then more rarely: each write is a history event. */
const EARLY_BATCHES = 40;
const SHOW_EVERY_EARLY = 4;
const SHOW_EVERY = 20;

type Way = keyof PhasesOf;
type StepOf<W extends Way> = Extract<Step, { work: W }>;
type Works = { [W in Way]: (step: StepOf<W>, opened: Opened) => Promise<Progress | Blocked> };

/** How a run opens the ledger; `input` is what the workflow was started with. */
type Open = (input: unknown, firstRunId: string) => Promise<Opened | Refused | Blocked>;

/** One run: opens its ledger, works its phases, closes. */
export class Run {
  readonly #input: unknown;
  readonly #open: Open;
  readonly #state: State;
  readonly #steering: Steering;
  /** As the ledger has it; null before the ledger was opened. */
  #owner: RunRef | null;
  #batches = 0;

  constructor(input: unknown, state: State, open: Open) {
    this.#input = input;
    this.#open = open;
    this.#state = state;
    this.#owner = state.opened?.run ?? null;
    this.#steering = new Steering(state, () => this.#continueAsNew());
  }

  async open(): Promise<Opened> {
    if (this.#state.opened !== null) return this.#state.opened;
    // A new history begins without them, and that of a run that is held goes no further.
    showDetails(this.#state);
    const { firstExecutionRunId } = workflowInfo();
    const opened = await this.#untilAnswered(async () => {
      const answer = await this.#open(this.#input, firstExecutionRunId);
      // Also where the run is cancelled meanwhile, and goes no further.
      if (answer.status === "opened") this.#owner = answer.run;
      return answer;
    });
    if (opened.status === "refused") throw ApplicationFailure.nonRetryable(opened.sentence, "BadInput");
    this.#state.opened = opened;
    return opened;
  }

  /** Works what is left of its program, from the phase that it stands in. */
  async workAll(): Promise<void> {
    const program = programOf(await this.open());
    const at = program.findIndex(({ phase }) => phase === this.#state.phase);
    for (const step of program.slice(at)) await this.#work(step);
  }

  /** Works one phase until the ledger says that it is complete. */
  async #work(step: Step): Promise<void> {
    const opened = await this.open();
    const { phase } = step;
    const state = this.#state;
    state.phase = phase;
    const { fromMs } = state.times?.[phase] ?? { fromMs: Date.now() };
    state.times = { ...state.times, [phase]: { fromMs, toMs: null } };
    showProgress(state);
    for (;;) {
      const progress = await this.#untilAnswered(() => this.#worked(step, opened));
      state.totals[phase] = progress.totals;
      if (progress.status === "complete") state.times[phase] = { fromMs, toMs: Date.now() };
      showDetails(state);
      if (progress.status === "complete") return;
    }
  }

  /** Closes what leaves nothing open. */
  async closeBy<T extends object>(close: (input: { run: RunRef }) => Promise<T | Blocked>): Promise<T> {
    const { run } = await this.open();
    const summary = await this.#untilAnswered(() => close({ run }));
    this.#state.done = true;
    showProgress(this.#state);
    await this.#steering.handlersDone();
    return this.#timed(summary);
  }

  async close(): Promise<RunSummary> {
    const { run, dryRun } = await this.open();
    const summary = await this.#untilAnswered(() => activities.close({ run }));
    const isLeftOpen = summary.open > 0 && !dryRun;
    this.#state.done = !isLeftOpen;
    this.#state.verification = summary.verification ?? null;
    showProgress(this.#state);
    await this.#steering.handlersDone();
    if (isLeftOpen) throw leftOpen(summary.open);
    return this.#timed(summary);
  }

  #timed<T extends object>(summary: T): T & { times: TimesOfPhases } {
    return { ...summary, times: this.#state.times ?? {} };
  }

  #worked<W extends Way>(step: StepOf<W> & { work: W }, opened: Opened): Promise<Progress | Blocked> {
    return this.#works[step.work](step, opened);
  }

  readonly #works: Works = {
    activity: (step, { run }) =>
      activities["by" in step ? step.by : step.phase]({ run, accepted: this.#state.accepted }),
    gate: (_, { run, dryRun }) => standAtGate(run, dryRun, this.#state, this.#steering),
    batches: ({ phase }, { run, batchSize }) =>
      fanOut({
        run,
        phase,
        batchSize,
        accepted: this.#state.accepted,
        onTotals: (totals) => this.#countBatch(phase, totals),
      }),
    campaign: (_, { run }) => resetsStep(run, this.#state, this.#steering),
  };

  #countBatch(phase: FanOutPhase, totals: PhaseTotals): void {
    this.#state.totals[phase] = totals;
    this.#batches += 1;
    const every = this.#batches <= EARLY_BATCHES ? SHOW_EVERY_EARLY : SHOW_EVERY;
    if (this.#batches % every === 0) showProgress(this.#state);
    else showDetails(this.#state);
  }

  /** Asks again after each time that the run parked and was resumed. A dry run never waits: it fails with the reason. */
  async #untilAnswered<T extends object>(ask: () => Promise<T | Blocked>): Promise<T> {
    for (;;) {
      const answer = await this.#steering.work(ask).catch((error) => this.#ended(error));
      if (!isBlocked(answer)) return answer;
      if (isDryRun(this.#input))
        return this.#ended(ApplicationFailure.nonRetryable(answer.sentence, answer.code));
      this.#steering.park(answer);
    }
  }

  /**
   * Else the list of runs would show a cancelled one as what it was, and offer what answers nobody any more; and the
   * ledger would name an owner whose end Temporal forgets after its retention.
   */
  async #ended(error: unknown): Promise<never> {
    if (error instanceof ContinueAsNew) throw error;
    // Histories that ended before did neither.
    if (isCancellation(error) && patched("cancelled_is_shown")) {
      this.#state.cancelled = true;
      showProgress(this.#state);
    }
    const run = this.#owner;
    if (run !== null && patched("ended_disowns"))
      await CancellationScope.nonCancellable(() => telling.disown({ run })).catch(() => undefined);
    throw error;
  }

  async #continueAsNew(): Promise<never> {
    await this.#steering.handlersDone();
    return CancellationScope.nonCancellable(() =>
      continueAsNew<(input: unknown, carried: State) => Promise<unknown>>(this.#input, this.#state),
    );
  }
}

/** Everybody has an outcome where a run did all of its work: a ledger that was restored meanwhile has lost some of it. */
export function leftOpen(people: number): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `The run is over, and ${grouped(people)} people have no outcome: the ledger does not know of work that was done, as after a restore from a back-up. Start the migration again: it goes on with them.`,
    "people_open",
  );
}

function isBlocked(answer: object): answer is Blocked {
  return "status" in answer && answer.status === "blocked";
}

/** As the file says, before anybody has read the rest of it. */
function isDryRun(file: unknown): boolean {
  return typeof file === "object" && file !== null && "dryRun" in file && file.dryRun === true;
}
