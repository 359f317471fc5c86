import {
  type Client,
  isGrpcServiceError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from "@temporalio/common";
import type { EndOfRun } from "../domain/contract.ts";
import { FIRST_PHASE, PHASES, type Phase, phasesOf } from "../domain/phases.ts";
import { shellLine } from "../domain/shell-line.ts";
import { UsageError } from "../exit.ts";
import type { ProgressAnswer } from "../workflows/messages.ts";
import type { KnownOfRun, Live } from "./live.ts";
import { withFile } from "./named-file.ts";
import type { DescribedRun } from "./no-worker.ts";
import type { Totals } from "./progress-rows.ts";

/** A worker that lives answers in milliseconds. */
const QUERY_TIMEOUT_MS = 2_000;
const DESCRIBE_TIMEOUT_MS = 5_000;

/** What the run tells beside its counts and its program, which a look has fresher. */
export type RunAnswer = Omit<ProgressAnswer, "phases" | "program" | "ledgerId" | "environment">;

export type Standing =
  | { kind: "running"; answer: RunAnswer }
  /** The run is under way, and no worker answers for it. */
  | ({ kind: "no_worker" } & DescribedRun)
  | { kind: "unreachable" }
  | { kind: "done"; summary: EndOfRun }
  | { kind: "failed"; sentence: string; isBadInput: boolean };

type WaitsFor = NonNullable<ProgressAnswer["waitsFor"]>;

export interface Look {
  standing: Standing;
  totals: Totals;
  /** Of phases that the run has not come to, where the ledger here knows. */
  coming: Totals;
  /** Those that the run goes through, as far as it is known. */
  phases: readonly Phase[];
  /** The ledger here is known to be none of the run's: its counts are not among these. */
  isOtherLedger: boolean;
}

/** Where a run stands, from Temporal and, where this machine has the ledger, from the ledger's own counts. */
export class RunFeed {
  readonly #client: Client;
  readonly #address: string;
  readonly #handle: WorkflowHandle;
  /** Where whoever follows it has named one. */
  readonly #file: string | null;
  readonly #live: (run: KnownOfRun) => Promise<Live>;
  /** Null while Temporal has told nothing; of older servers, that of the newest execution. */
  #firstRunId: string | null = null;
  /** The newest of its executions that was seen: Temporal may have deleted earlier ones while the run goes on. */
  #runId: string | null = null;
  #phase: Phase = FIRST_PHASE;
  #phases: readonly Phase[] = PHASES;
  #answered: Totals = {};
  /** The run's; null while it is not known. */
  #ledgerId: string | null = null;
  #environment: string | null = null;

  /** Follows this run to its end, or whichever is under way at the first look. */
  constructor(
    client: Client,
    address: string,
    workflowId: string,
    live: (run: KnownOfRun) => Promise<Live>,
    firstRunId: string | null = null,
    file: string | null = null,
  ) {
    this.#file = file;
    this.#firstRunId = firstRunId;
    this.#client = client;
    this.#address = address;
    this.#handle = client.workflow.getHandle(workflowId);
    this.#live = live;
  }

  /** Throws UsageError where there is no such run. */
  async look(): Promise<Look> {
    const standing = await this.#standing();
    if (standing.kind === "done") {
      this.#phases = phasesOfEnded(standing.summary);
      this.#phase = this.#phases.at(-1) ?? this.#phase;
      this.#ledgerId = standing.summary.ledgerId ?? this.#ledgerId;
      this.#environment = standing.summary.environment ?? this.#environment;
    }
    const read = await this.#live({ firstRunId: this.#firstRunId, environment: this.#environment });
    const isOtherLedger =
      this.#ledgerId !== null && read.ledgerId !== null && this.#ledgerId !== read.ledgerId;
    const live = isOtherLedger ? { ...read, totals: {}, run: null } : read;
    // Of a run that tells nothing, the ledger tells how far it came.
    const isTold = standing.kind === "running" || standing.kind === "done";
    const own = !isTold && this.#isOwn(live) ? live.run : null;
    if (own !== null) this.#phases = own.phases;
    const totals = this.#totals(live.totals, own !== null);
    const isOver = standing.kind === "done" || standing.kind === "failed";
    // Of what is over, nothing stands at 0 %: neither what nobody here knows nor what had nothing to do.
    const phases = isOver ? this.#phases.filter((phase) => totals[phase] !== undefined) : this.#phases;
    const coming = standing.kind === "running" && this.#isOwn(live) ? this.#coming(live.totals) : {};
    return { standing, totals, coming, phases, isOtherLedger };
  }

  #coming(live: Totals): Totals {
    const later = this.#phases.slice(this.#phases.indexOf(this.#phase) + 1);
    return Object.fromEntries(later.flatMap((phase) => (live[phase] ? [[phase, live[phase]]] : [])));
  }

  #isOwn({ run }: Live): boolean {
    return run !== null && run.firstRunId === this.#firstRunId;
  }

  /**
   * The ledger may still have the counts of an earlier run of this pool: unless they are known to be this run's, those
   * of phases yet to come are left out. So are those of the gate, which an undo does not have, until this run stands
   * there: a pilot comes to it later than others.
   */
  #totals(live: Totals, isOwn: boolean): Totals {
    const totals: Totals = {};
    for (const phase of this.#phases) {
      const answered = this.#answered[phase];
      if (answered === undefined && !isOwn && !this.#hasCome(phase)) continue;
      const one = live[phase] ?? answered;
      if (one !== undefined) totals[phase] = one;
    }
    return totals;
  }

  /** Of a phase that the run has told nothing of: whether what the ledger has of it is this run's. */
  #hasCome(phase: Phase): boolean {
    const isGate = phase === "credentials" && this.#phases.includes("report");
    if (isGate) return this.#phase === "report";
    return this.#phases.indexOf(phase) <= this.#phases.indexOf(this.#phase);
  }

  async #standing(): Promise<Standing> {
    let described: DescribedRun;
    try {
      const { status, runId, raw, type, taskQueue } = await this.#within(DESCRIBE_TIMEOUT_MS, () =>
        this.#handle.describe(),
      );
      const told = raw.workflowExecutionInfo?.firstRunId;
      // Another one may have begun since: this one has ended then.
      const isOther = Boolean(told) && this.#firstRunId !== null && told !== this.#firstRunId;
      if (!isOther) {
        this.#firstRunId = told || runId;
        this.#runId = runId;
      }
      if (isOther || status.name !== "RUNNING") return await this.#ended();
      described = { workflowId: this.#handle.workflowId, type, taskQueue };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError)
        throw new UsageError(
          `There is no run ${this.#handle.workflowId} in this namespace; check the pool and TEMPORAL_*.`,
        );
      if (isGrpcServiceError(error) || isGrpcServiceError(causeOf(error))) return { kind: "unreachable" };
      throw error;
    }
    const answer = await this.#ask();
    return answer === null
      ? { kind: "no_worker", ...described }
      : { kind: "running", answer: this.#heard(answer) };
  }

  /** Remembers what it tells of its phases; answers the rest. */
  #heard({ phases, program, ledgerId = null, environment = null, ...answer }: ProgressAnswer): RunAnswer {
    this.#ledgerId = ledgerId;
    this.#environment = environment;
    this.#phase = answer.phase;
    this.#phases = program ?? PHASES;
    this.#answered = Object.fromEntries(phases.map(({ phase, totals }) => [phase, totals]));
    return answer;
  }

  /** A query that nobody answers, in whichever way it fails, is no news: the description told that the run works. */
  async #ask(): Promise<ProgressAnswer | null> {
    try {
      const answer = await this.#within(QUERY_TIMEOUT_MS, () =>
        this.#handle.query<ProgressAnswer>("progress"),
      );
      return answer.waitsFor === null ? answer : { ...answer, waitsFor: this.#runnable(answer.waitsFor) };
    } catch {
      return null;
    }
  }

  /**
   * The commands as they run here: the server may have moved since the run began, and one that parked before it opened
   * its ledger names none.
   */
  #runnable(waitsFor: WaitsFor): WaitsFor {
    const address = shellLine(["--address", this.#address]);
    const runnable = (command: string) =>
      withFile(command, this.#file).replace(
        / (?:--address \S+ )?--namespace /,
        () => ` ${address} --namespace `,
      );
    const steps = waitsFor.steps.map(({ to, command }) => ({ to, command: runnable(command) }));
    const sentence = withFile(waitsFor.sentence, this.#file);
    return { ...waitsFor, sentence, command: runnable(waitsFor.command), steps };
  }

  async #ended(): Promise<Standing> {
    try {
      // What a workflow of ours returns.
      const runId = this.#runId ?? this.#firstRunId ?? undefined;
      const own = this.#client.workflow.getHandle(this.#handle.workflowId, runId);
      const summary = (await this.#within(DESCRIBE_TIMEOUT_MS, () => own.result())) as EndOfRun;
      return { kind: "done", summary };
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const { cause } = error;
      const isBadInput = cause instanceof ApplicationFailure && cause.type === "BadInput";
      const sentence = cause instanceof ApplicationFailure ? cause.message : endedEarly(error);
      return { kind: "failed", sentence, isBadInput };
    }
  }

  #within<T>(timeoutMs: number, ask: () => Promise<T>): Promise<T> {
    return this.#client.withDeadline(Date.now() + timeoutMs, ask);
  }
}

function phasesOfEnded(summary: EndOfRun): readonly Phase[] {
  const kind = { dryRun: false, isPilot: false, sendsResets: false };
  if (summary.mode === "redrive")
    return phasesOf({ ...kind, mode: summary.mode, sendsResets: summary.mails !== null });
  if (summary.mode !== undefined) return phasesOf({ ...kind, mode: summary.mode });
  const { dryRun = false, resets } = summary;
  return phasesOf({ ...kind, dryRun, sendsResets: resets !== null });
}

const GOES_ON =
  "What it did stands: `./spillway report --out report` lists it, and the next run goes on from there (`./spillway migrate FILE`, or the command that began this one).";

function endedEarly({ cause, message }: WorkflowFailedError): string {
  if (cause instanceof CancelledFailure) return `The run was cancelled. ${GOES_ON}`;
  if (cause instanceof TerminatedFailure) return `The run was terminated. ${GOES_ON}`;
  return `The run ended early: ${message}. ${GOES_ON}`;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
