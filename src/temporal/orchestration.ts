import type { NativeConnection } from "@temporalio/worker";
import type { Orchestration } from "../activities/deps.ts";
import type { Owner } from "../ledger/runs.ts";
import type { TemporalTarget } from "./connection.ts";

/** Values of temporal.api.enums.v1.WorkflowExecutionStatus. */
const RUNNING = 1;
const CONTINUED_AS_NEW = 6;

/** Answers what activities ask Temporal, over the worker's own connection. */
export function createOrchestration(connection: NativeConnection, target: TemporalTarget): Orchestration {
  const describe = async ({ namespace, workflowId }: Owner, runId?: string) => {
    const execution = runId === undefined ? { workflowId } : { workflowId, runId };
    const { workflowExecutionInfo } = await connection.workflowService.describeWorkflowExecution({
      namespace,
      execution,
    });
    return workflowExecutionInfo;
  };
  return {
    address: target.address,
    async searchAttributes() {
      // A server that does not let us ask (Temporal Cloud may not) is one without them.
      const answer = await connection.operatorService
        .listSearchAttributes({ namespace: target.namespace })
        .catch(() => undefined);
      return Object.keys(answer?.customAttributes ?? {});
    },
    async runState(owner) {
      try {
        const first = await describe(owner, owner.firstRunId);
        if (first?.status === RUNNING) return "open";
        if (first?.status !== CONTINUED_AS_NEW) return "closed";
        const newest = await describe(owner);
        const isSameChain = newest?.firstRunId === owner.firstRunId;
        return isSameChain && newest?.status === RUNNING ? "open" : "closed";
      } catch {
        return "unknown";
      }
    },
  };
}
