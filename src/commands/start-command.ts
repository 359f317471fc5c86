import { workflowIdOf } from "../domain/migration.ts";
import type { TemporalTarget } from "../temporal/connection.ts";

/** A worker that was killed is given up this soon: what it had begun is dispatched again. */
const TASK_TIMEOUT = "5s";

/** The Temporal CLI's arguments that start a migration. */
export function startArguments(
  { address, namespace }: Pick<TemporalTarget, "address" | "namespace">,
  taskQueue: string,
  userPoolId: string,
  migrationPath: string,
): string[] {
  return [
    ...["workflow", "start", "--address", address, "--namespace", namespace, "--task-queue", taskQueue],
    ...["--type", "migrateUserPool", "--workflow-id", workflowIdOf(userPoolId), "--fail-existing"],
    ...["--task-timeout", TASK_TIMEOUT, "--input-file", migrationPath],
  ];
}
