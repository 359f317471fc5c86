import { type Client, WorkflowExecutionAlreadyStartedError } from "@temporalio/client";
import type { NativeConnection } from "@temporalio/worker";
import { destination, type Logger, pino } from "pino";
import type { ToldAtStart } from "../domain/told-at-start.ts";
import { type WorkflowType, workflowIdOf } from "../domain/workflow-id.ts";
import { endWith } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Settings } from "../settings.ts";
import { createWorker } from "../temporal/create-worker.ts";
import { createDeps } from "../temporal/deps.ts";
import { refuseForeignPollers } from "../temporal/foreign-pollers.ts";
import { createOrchestration } from "../temporal/orchestration.ts";
import type { TemporalTarget } from "../temporal/target.ts";

/** A worker that is killed while it holds a workflow task is given up this soon. */
const WORKFLOW_TASK_TIMEOUT = "5s";
const OWNER_ONLY = 0o600;
/** Enough of a ledger's id to tell two of them apart. */
const LEDGER_ID_LENGTH = 8;

/** A log that does not write over the progress. */
export function fileLogger(path: string, level: Settings["logLevel"]): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, destination({ dest: path, mode: OWNER_ONLY, sync: true }));
}

/** The queue that the settings name; else one of this ledger's own, which no other ledger's workers poll. */
export function taskQueueHere({ namedTaskQueue }: Settings, ledger: Ledger): string {
  return namedTaskQueue ?? `spillway-${ledger.id.slice(0, LEDGER_ID_LENGTH)}`;
}

/** Starts the run; null where one of this pool is under way, else the id of its first execution. `input` is passed on as it was written. */
export async function startRun(
  client: Client,
  taskQueue: string,
  {
    workflowType,
    userPoolId,
    told,
    input,
  }: { workflowType: WorkflowType; userPoolId: string; told: ToldAtStart; input: unknown },
): Promise<string | null> {
  try {
    const started = await client.workflow.start(workflowType, {
      taskQueue,
      workflowId: workflowIdOf(userPoolId),
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      // Of one that began since the last look nobody has seen what it began with.
      workflowIdConflictPolicy: "FAIL",
      staticSummary: told.summary,
      staticDetails: told.details,
      args: [input],
    });
    return started.firstExecutionRunId;
  } catch (problem) {
    if (problem instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw problem;
  }
}

export interface WorkerHere {
  /** Settles when the worker has ended, by `stop`, by a signal, or because it failed. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** Works in this process. Temporal's runtime shuts it down by itself on SIGINT and SIGTERM. */
export async function workHere(
  settings: Settings,
  taskQueue: string,
  ledger: Ledger,
  connection: NativeConnection,
  target: TemporalTarget,
): Promise<WorkerHere> {
  await refuseForeignPollers(connection, target.namespace, taskQueue, ledger.id);
  const deps = await createDeps(settings, ledger, createOrchestration(connection, target));
  const worker = await createWorker(connection, target.namespace, taskQueue, deps);
  void ledger.ended.then(endWith);
  const ended = worker.run();
  return {
    ended,
    async stop() {
      if (worker.getState() === "RUNNING") worker.shutdown();
      await ended;
    },
  };
}
