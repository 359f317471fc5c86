import { shellLine, spillwayWords } from "../domain/shell-line.ts";
import { poolOfWorkflow, WORKFLOW_TYPES, type WorkflowType } from "../domain/workflow-id.ts";

/** A run as Temporal describes it, whether or not somebody works it. */
export interface DescribedRun {
  workflowId: string;
  type: string;
  taskQueue: string;
}

/** What people call a run of each kind, and the command that works it where nobody else does. */
const KINDS = {
  migrateUserPool: { name: "A migration", verb: "migrate" },
  undoMigration: { name: "An undo", verb: "undo" },
  verifyMigration: { name: "A verification", verb: "verify" },
  redriveMigration: { name: "A redrive", verb: "redrive" },
} as const satisfies Record<WorkflowType, object>;

function kindOf(type: string) {
  const known = WORKFLOW_TYPES.find((one) => one === type);
  return known === undefined ? null : KINDS[known];
}

export function runName(type: string): string {
  return kindOf(type)?.name ?? "A run";
}

/** Null for a workflow that is none of ours, or that is not of a pool that its id names. */
export function workingCommand(type: string, pool: string | null): string | null {
  const kind = kindOf(type);
  if (kind === null || pool === null) return null;
  const { verb } = kind;
  return shellLine(spillwayWords(verb, [], [verb === "migrate" ? "FILE" : pool]));
}

/** What to do where no worker answers for a run: one on another queue than the run's is of no help to it. */
export function workerHelp({ workflowId, type, taskQueue }: DescribedRun): string {
  const worker = `\`SPILLWAY_TASK_QUEUE=${shellLine([taskQueue])} ./spillway worker\``;
  const command = workingCommand(type, poolOfWorkflow(workflowId));
  const here = command === null ? "" : `\`${command}\` goes on with it, or `;
  return `With the run's settings and ledger, ${here}a worker on its queue: ${worker}.`;
}
