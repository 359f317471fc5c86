import {
  type Client,
  isGrpcServiceError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import type { RunSummary } from "../domain/contract.ts";
import { FIRST_PHASE, PHASES, type Phase, phasesOf } from "../domain/phases.ts";
import { shellLine } from "../domain/shell-line.ts";
import { UsageError } from "../exit.ts";
import type { ProgressAnswer } from "../workflows/messages.ts";
import type { Totals } from "./progress-rows.ts";

/** A worker that lives answers in milliseconds. */
const QUERY_TIMEOUT_MS = 2_000;
const DESCRIBE_TIMEOUT_MS = 5_000;

export type Standing =
  /** `answer` is null while no worker answers. */
  | { kind: "running"; answer: ProgressAnswer | null }
  | { kind: "unreachable" }
  | { kind: "done"; summary: RunSummary }
  | { kind: "failed"; sentence: string; isBadInput: boolean };

type WaitsFor = NonNullable<ProgressAnswer["waitsFor"]>;

export interface Look {
  standing: Standing;
  totals: Totals;
  /** Those that the run goes through, as far as it is known. */
  phases: readonly Phase[];
}

/** Where a run stands, from Temporal and, where this machine has the ledger, from the ledger's own counts. */
export class RunFeed {
  readonly #client: Client;
  readonly #address: string;
  readonly #handle: WorkflowHandle;
  readonly #live: () => Promise<Totals>;
  #phase: Phase = FIRST_PHASE;
  #phases: readonly Phase[] = PHASES;
  #answered: Totals = {};

  constructor(client: Client, address: string, workflowId: string, live: () => Promise<Totals>) {
    this.#client = client;
    this.#address = address;
    this.#handle = client.workflow.getHandle(workflowId);
    this.#live = live;
  }

  /** Throws UsageError where there is no such run. */
  async look(): Promise<Look> {
    const standing = await this.#standing();
    if (standing.kind === "done") {
      this.#phase = "report";
      this.#phases = phasesOfEnded(standing.summary);
    }
    if (standing.kind === "running" && standing.answer !== null) {
      this.#phase = standing.answer.phase;
      this.#phases = standing.answer.program ?? PHASES;
      this.#answered = Object.fromEntries(standing.answer.phases.map(({ phase, totals }) => [phase, totals]));
    }
    const totals = await this.#totals();
    // Of what is over, nothing stands at 0 %: neither what nobody here knows nor what had nothing to do.
    const phases =
      standing.kind === "done" ? this.#phases.filter((phase) => totals[phase] !== undefined) : this.#phases;
    return { standing, totals, phases };
  }

  /**
   * The ledger knows of phases yet to come from earlier runs of this pool: those are left out. So is what an earlier
   * run saw at the gate, until this one stands there: a pilot comes to it later than others.
   */
  async #totals(): Promise<Totals> {
    const live = await this.#live();
    const totals: Totals = {};
    for (const phase of PHASES) {
      const answered = this.#answered[phase];
      if (answered === undefined && !this.#hasCome(phase)) continue;
      const one = live[phase] ?? answered;
      if (one !== undefined) totals[phase] = one;
    }
    return totals;
  }

  /** Of a phase that the run has told nothing of: whether what the ledger has of it is this run's. */
  #hasCome(phase: Phase): boolean {
    if (phase === "credentials") return this.#phase === "report";
    return PHASES.indexOf(phase) <= PHASES.indexOf(this.#phase);
  }

  async #standing(): Promise<Standing> {
    try {
      const { status } = await this.#within(DESCRIBE_TIMEOUT_MS, () => this.#handle.describe());
      if (status.name !== "RUNNING") return await this.#ended();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError)
        throw new UsageError(
          `There is no run ${this.#handle.workflowId} in this namespace; check the pool and TEMPORAL_*.`,
        );
      if (isGrpcServiceError(error) || isGrpcServiceError(causeOf(error))) return { kind: "unreachable" };
      throw error;
    }
    return { kind: "running", answer: await this.#ask() };
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
      command.replace(/ (?:--address \S+ )?--namespace /, () => ` ${address} --namespace `);
    const steps = waitsFor.steps.map(({ to, command }) => ({ to, command: runnable(command) }));
    return { ...waitsFor, command: runnable(waitsFor.command), steps };
  }

  async #ended(): Promise<Standing> {
    try {
      // What migrateUserPool returns.
      const summary = (await this.#within(DESCRIBE_TIMEOUT_MS, () => this.#handle.result())) as RunSummary;
      return { kind: "done", summary };
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const { cause } = error;
      const isBadInput = cause instanceof ApplicationFailure && cause.type === "BadInput";
      const sentence =
        cause instanceof ApplicationFailure ? cause.message : `The run ended early: ${error.message}.`;
      return { kind: "failed", sentence, isBadInput };
    }
  }

  #within<T>(timeoutMs: number, ask: () => Promise<T>): Promise<T> {
    return this.#client.withDeadline(Date.now() + timeoutMs, ask);
  }
}

function phasesOfEnded({ dryRun = false, resets }: RunSummary): readonly Phase[] {
  return phasesOf({ dryRun, isPilot: false, sendsResets: resets !== null });
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
