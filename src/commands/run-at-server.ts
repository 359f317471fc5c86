import type { Client } from "@temporalio/client";
import { workflowIdOf } from "../domain/workflow-id.ts";
import { required, UsageError } from "../exit.ts";
import type { Settings } from "../settings.ts";
import { connectClient } from "../temporal/client.ts";
import { installClientRuntime } from "../temporal/runtime.ts";
import type { TemporalTarget } from "../temporal/target.ts";
import { requiredSettings } from "./setup.ts";
import { checkOwnServer, targetInUse } from "./temporal-server.ts";

/** Which run is meant: a pool has one at a time. */
export interface RunChoice {
  pool: string | undefined;
  workflowId: string | undefined;
}

/** A run, and the server that it is on. */
export interface RunAtServer {
  workflowId: string;
  client: Client;
  target: TemporalTarget;
  settings: Settings;
}

/** Does `work` with a connection to the server that the run is on. Throws UsageError where none can be reached. */
export async function withRun<T>(choice: RunChoice, work: (run: RunAtServer) => Promise<T>): Promise<T> {
  const { pool } = choice;
  const workflowId = choice.workflowId ?? (pool === undefined ? undefined : workflowIdOf(pool));
  if (workflowId === undefined) throw new UsageError("Name the user pool, or give --workflow-id.");
  const settings = requiredSettings();
  installClientRuntime();
  await checkOwnServer(settings);
  const target = await targetInUse(settings);
  const { client, close } = required(await connectClient(target));
  try {
    return await work({ workflowId, client, target, settings });
  } finally {
    await close();
  }
}
