import { shellLine, spillwayWords } from "../domain/shell-line.ts";
import { poolOfWorkflow, WORKFLOW_TYPES, type WorkflowType } from "../domain/workflow-id.ts";

/** A run as Temporal describes it, whether or not somebody works it. */
export interface DescribedRun {
  workflowId: string;
  type: string;
  taskQueue: string;
}

/** The command that works a run of this kind where nobody else does. */
const WORKED_BY = {
  migrateUserPool: "migrate",
  undoMigration: "undo",
  verifyMigration: "verify",
  redriveMigration: "redrive",
} as const satisfies Record<WorkflowType, string>;

/** Null for a workflow that is none of ours, or that is not of a pool that its id names. */
export function workingCommand(type: string, pool: string | null): string | null {
  const known = WORKFLOW_TYPES.find((one) => one === type);
  if (known === undefined || pool === null) return null;
  const verb = WORKED_BY[known];
  return shellLine(spillwayWords(verb, [], [verb === "migrate" ? "FILE" : pool]));
}

/** What to do where no worker answers for a run: one on another queue than the run's is of no help to it. */
export function workerHelp({ workflowId, type, taskQueue }: DescribedRun): string {
  const worker = `\`SPILLWAY_TASK_QUEUE=${shellLine([taskQueue])} ./spillway worker\``;
  const command = workingCommand(type, poolOfWorkflow(workflowId));
  const here = command === null ? "" : `\`${command}\` goes on with it, or `;
  return `With the run's settings and ledger, ${here}a worker on its queue: ${worker}.`;
}
