import type { NativeConnection } from "@temporalio/worker";
import type { Orchestration } from "../activities/deps.ts";
import type { Owner } from "../ledger/runs.ts";
import { SEARCH_ATTRIBUTE_TYPES } from "./search-attributes.ts";
import type { TemporalTarget } from "./target.ts";

/** Of temporal.api.enums.v1.WorkflowExecutionStatus: completed, failed, cancelled, terminated, timed out. */
const ENDED = [2, 3, 4, 5, 7];
const CONTINUED_AS_NEW = 6;
/** Of google.rpc.Code. */
const NOT_FOUND = 5;

/** Answers what activities ask Temporal, over the worker's own connection. */
export function createOrchestration(connection: NativeConnection, target: TemporalTarget): Orchestration {
  /** Undefined where the server keeps no such run: the newest one, where none is named. */
  const describe = async ({ namespace, workflowId }: Owner, runId?: string) => {
    const execution = runId === undefined ? { workflowId } : { workflowId, runId };
    try {
      const answer = await connection.workflowService.describeWorkflowExecution({ namespace, execution });
      return answer.workflowExecutionInfo ?? undefined;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === NOT_FOUND) return undefined;
      throw error;
    }
  };
  return {
    address: target.address,
    async searchAttributes() {
      const { namespace } = target;
      const answer = await connection.operatorService.listSearchAttributes({ namespace }).catch(() => null);
      if (answer !== null) return Object.keys(answer.customAttributes ?? {});
      // Temporal Cloud closes that service, and answers no query with an attribute that it does not know.
      const isKnown = (name: string) =>
        connection.workflowService
          .countWorkflowExecutions({ namespace, query: `${name} is null` })
          .then(() => [name])
          .catch(() => []);
      return (await Promise.all(Object.keys(SEARCH_ATTRIBUTE_TYPES).map(isKnown))).flat();
    },
    async runState(owner) {
      try {
        // The first execution may be deleted, after the namespace's retention, while its run goes on as a later one.
        const newest = await describe(owner);
        if (newest?.firstRunId === owner.firstRunId) return stateOf(newest.status);
        const first = await describe(owner, owner.firstRunId);
        if (first === undefined) return "missing";
        if (first.status !== CONTINUED_AS_NEW) return stateOf(first.status);
        // Of one workflow id there is one run at a time: where another one came later, this one has ended. Older servers
        // do not tell whose execution the newest one is.
        return newest?.firstRunId ? "closed" : "unknown";
      } catch {
        return "unknown";
      }
    },
  };
}

/** Whatever else there is, a paused run for one, may go on. */
function stateOf(status: number | null | undefined): "open" | "closed" {
  return ENDED.includes(status ?? 0) ? "closed" : "open";
}
