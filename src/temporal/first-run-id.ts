import type { WorkflowExecutionDescription } from "@temporalio/client";

/** Of a run, through all of its histories; older servers tell the newest one's alone. */
export function firstRunIdOf({ raw, runId }: Pick<WorkflowExecutionDescription, "raw" | "runId">): string {
  return raw.workflowExecutionInfo?.firstRunId || runId;
}
