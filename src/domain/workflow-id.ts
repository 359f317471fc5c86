import { spillwayWords } from "./shell-line.ts";

/** A pool has one run at a time, of whatever kind: Temporal sees to that by its id. */

const PREFIX = "migrate-";

/** As the worker's bundle has them. */
export const WORKFLOW_TYPES = [
  "migrateUserPool",
  "undoMigration",
  "verifyMigration",
  "redriveMigration",
] as const;
export type WorkflowType = (typeof WORKFLOW_TYPES)[number];

export function workflowIdOf(userPoolId: string): string {
  return `${PREFIX}${userPoolId}`;
}

/** Null for an id that is none of `workflowIdOf`. */
export function poolOfWorkflow(workflowId: string): string | null {
  return workflowId.startsWith(PREFIX) ? workflowId.slice(PREFIX.length) : null;
}

/** The words of a command of ours about a run. */
export function runWords(
  verb: string,
  workflowId: string,
  options: readonly string[] = [],
  args: readonly string[] = [],
): string[] {
  const pool = poolOfWorkflow(workflowId);
  return pool === null || pool === ""
    ? spillwayWords(verb, [...options, "--workflow-id", workflowId], args)
    : spillwayWords(verb, options, [pool, ...args]);
}
