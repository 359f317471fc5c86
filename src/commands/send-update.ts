import { isGrpcServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import { FailedError, UsageError } from "../exit.ts";
import type { RunAtServer } from "./run-at-server.ts";

/** A worker that lives answers in milliseconds; one that has just started reads the history first. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Sends an update to the run and returns its answer. Throws UsageError with the run's own sentence where it refuses, and
 * where there is no such run; FailedError where nobody answers.
 */
export async function sendUpdate<Answer>(
  { client, workflowId, target }: RunAtServer,
  name: string,
  input?: object,
): Promise<Answer> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, () =>
      input === undefined
        ? handle.executeUpdate<Answer, []>(name)
        : handle.executeUpdate<Answer, [object]>(name, { args: [input] }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw refusalOf(error);
    if (error instanceof WorkflowNotFoundError) throw await absenceOf({ client, workflowId, target });
    if (!isUnanswered(error)) throw error;
    throw new FailedError(
      `No worker answered for ${workflowId} at ${target.address} within ${ANSWER_TIMEOUT_MS / 1_000} s, so nobody knows whether it was taken: start one (\`npm run worker\`, with the settings of the run), and look with \`./spillway watch\`.`,
    );
  }
}

function refusalOf({ cause, message }: WorkflowUpdateFailedError): UsageError {
  return new UsageError(cause instanceof ApplicationFailure ? cause.message : message);
}

/** Ends the run where it is. Throws UsageError where there is none under way. */
export async function cancelRun({ client, workflowId, target }: RunAtServer): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    // Temporal takes the cancellation of a run that has ended, and says nothing.
    if ((await handle.describe()).status.name !== "RUNNING")
      throw await absenceOf({ client, workflowId, target });
    await handle.cancel();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw await absenceOf({ client, workflowId, target });
    if (isUnanswered(error)) throw new FailedError(`Temporal at ${target.address} does not answer.`);
    throw error;
  }
}

/** Temporal tells a run that has ended from none at all only where it is asked to describe it. */
async function absenceOf({
  client,
  workflowId,
  target,
}: Pick<RunAtServer, "client" | "workflowId" | "target">): Promise<UsageError> {
  const known = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => null);
  return new UsageError(
    known === null
      ? `There is no run ${workflowId} in the namespace ${target.namespace} at ${target.address}; check the pool and TEMPORAL_*.`
      : `The run ${workflowId} has ended: there is nothing to steer. How it ended: \`./spillway report --out report\`.`,
  );
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
