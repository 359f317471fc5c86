import { isGrpcServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import { shellLine } from "../domain/shell-line.ts";
import { runWords, WORKFLOW_TYPES } from "../domain/workflow-id.ts";
import { FailedError, UsageError } from "../exit.ts";
import { firstRunIdOf } from "../temporal/first-run-id.ts";
import { type DescribedRun, workerHelp } from "./no-worker.ts";
import type { RunAtServer } from "./run-at-server.ts";

/** A worker that lives answers in milliseconds; one that has just started reads the history first. */
const ANSWER_TIMEOUT_MS = 10_000;

/** The run that is under way now: what is sent goes to this one, and to none that begins while somebody is asked. */
export interface RunUnderWay extends RunAtServer, DescribedRun {
  firstRunId: string;
}

/** Throws UsageError where no run is under way, FailedError where Temporal does not answer. */
export async function underWay(run: RunAtServer): Promise<RunUnderWay> {
  const { client, workflowId, target } = run;
  try {
    const described = await client.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    const { status, type, taskQueue } = described;
    if (!WORKFLOW_TYPES.some((known) => known === type))
      throw new UsageError(`The workflow ${workflowId} is of type ${type}: that is no run of Spillway.`);
    if (status.name !== "RUNNING")
      throw new UsageError(
        `The run ${workflowId} has ended: there is nothing to steer. How it ended: \`./spillway report --out report\`.`,
      );
    return { ...run, type, taskQueue, firstRunId: firstRunIdOf(described) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      throw new UsageError(
        `There is no run ${workflowId} in the namespace ${target.namespace} at ${target.address}; check the pool and TEMPORAL_*.`,
      );
    if (isUnanswered(error)) throw new FailedError(`Temporal at ${target.address} does not answer.`);
    throw error;
  }
}

/**
 * Sends an update to the run and returns its answer. Throws UsageError with the run's own sentence where it refuses, and
 * where it has ended meanwhile; FailedError where nobody answers.
 */
export function sendUpdate<Answer>(run: RunUnderWay, name: string, input?: object): Promise<Answer> {
  const handle = handleOf(run);
  return sent(run, () =>
    input === undefined
      ? handle.executeUpdate<Answer, []>(name)
      : handle.executeUpdate<Answer, [object]>(name, { args: [input] }),
  );
}

/** Ends the run where it is. Throws as `sendUpdate` does. */
export async function cancelRun(run: RunUnderWay): Promise<void> {
  await sent(run, () => handleOf(run).cancel());
}

function handleOf({ client, workflowId, firstRunId }: RunUnderWay) {
  return client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: firstRunId });
}

async function sent<Answer>(run: RunUnderWay, send: () => Promise<Answer>): Promise<Answer> {
  const { client, workflowId, target } = run;
  try {
    return await client.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, send);
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw refusalOf(error);
    const watching = shellLine(runWords("watch", workflowId));
    if (error instanceof WorkflowNotFoundError)
      throw new UsageError(
        `That run of ${workflowId} has ended meanwhile, and nothing was told to another: look again with \`${watching}\`.`,
      );
    if (!isUnanswered(error)) throw error;
    throw new FailedError(
      `No worker answered for ${workflowId} at ${target.address} within ${ANSWER_TIMEOUT_MS / 1_000} s, so nobody knows whether it was taken. Temporal cannot take it back: it may still act as soon as a worker works the run. Look with \`${watching}\`. ${workerHelp(run)}`,
    );
  }
}

function refusalOf({ cause, message }: WorkflowUpdateFailedError): UsageError {
  return new UsageError(cause instanceof ApplicationFailure ? cause.message : message);
}

/** Also where the server gave up waiting for a worker. */
function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === "WorkflowUpdateRPCTimeoutOrCancelledError" ||
    isGrpcServiceError(error) ||
    isGrpcServiceError(error.cause)
  );
}
