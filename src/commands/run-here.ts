import type { Client } from "@temporalio/client";
import type { NativeConnection } from "@temporalio/worker";
import { destination, type Logger, pino } from "pino";
import type { Ledger } from "../ledger/ledger.ts";
import { workflowIdOf } from "../migration.ts";
import type { Settings } from "../settings.ts";
import type { TemporalTarget } from "../temporal/connection.ts";
import { createWorker } from "../temporal/create-worker.ts";
import { createDeps } from "../temporal/deps.ts";
import { createOrchestration } from "../temporal/orchestration.ts";

/** A worker that is killed while it holds a workflow task is given up this soon. */
const WORKFLOW_TASK_TIMEOUT = "5s";
const OWNER_ONLY = 0o600;

/** A log that does not write over the progress. */
export function fileLogger(path: string, level: Settings["logLevel"]): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, destination({ dest: path, mode: OWNER_ONLY, sync: true }));
}

/** Starts the run, or finds the one of this pool that is under way. `file` is passed on as it was written. */
export async function startOrAttach(
  client: Client,
  taskQueue: string,
  userPoolId: string,
  file: unknown,
): Promise<"started" | "attached"> {
  const workflowId = workflowIdOf(userPoolId);
  const before = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => null);
  await client.workflow.start("migrateUserPool", {
    taskQueue,
    workflowId,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    workflowIdConflictPolicy: "USE_EXISTING",
    args: [file],
  });
  return before?.status.name === "RUNNING" ? "attached" : "started";
}

export interface WorkerHere {
  /** Settles when the worker has ended, by `stop`, by a signal, or because it failed. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** Works in this process. Temporal's runtime shuts it down by itself on SIGINT and SIGTERM. */
export async function workHere(
  settings: Settings,
  ledger: Ledger,
  connection: NativeConnection,
  target: TemporalTarget,
): Promise<WorkerHere> {
  const deps = await createDeps(settings, ledger, createOrchestration(connection, target));
  const worker = await createWorker(connection, target.namespace, settings.taskQueue, deps);
  const ended = worker.run();
  return {
    ended,
    async stop() {
      if (worker.getState() === "RUNNING") worker.shutdown();
      await ended;
    },
  };
}
