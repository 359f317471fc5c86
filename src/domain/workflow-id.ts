import { argumentWords } from "./shell-line.ts";

/** A pool has one run at a time, of whatever kind: Temporal sees to that by its id. */

const PREFIX = "migrate-";

export function workflowIdOf(userPoolId: string): string {
  return `${PREFIX}${userPoolId}`;
}

/** Null for an id that is none of `workflowIdOf`. */
export function poolOfWorkflow(workflowId: string): string | null {
  return workflowId.startsWith(PREFIX) ? workflowId.slice(PREFIX.length) : null;
}

/** The words that name a run to a command of ours. */
export function runArguments(workflowId: string): string[] {
  const pool = poolOfWorkflow(workflowId);
  return pool === null || pool === "" ? ["--workflow-id", workflowId] : argumentWords(pool);
}
