/** A worker that was killed is given up this soon: what it had begun is dispatched again. */
const TASK_TIMEOUT = "5s";

/** The Temporal CLI's arguments that start a migration. `server` are those that name it. */
export function startArguments(
  server: readonly string[],
  taskQueue: string,
  workflowId: string,
  migrationPath: string,
): string[] {
  return [
    ...["workflow", "start", ...server, "--task-queue", taskQueue],
    ...["--type", "migrateUserPool", "--workflow-id", workflowId, "--fail-existing"],
    ...["--task-timeout", TASK_TIMEOUT, "--input-file", migrationPath],
  ];
}
