import type { NativeConnection } from "@temporalio/worker";
import { expect, test } from "vitest";
import { createOrchestration } from "../../src/temporal/orchestration.ts";

/** Of temporal.api.enums.v1.WorkflowExecutionStatus. */
const RUNNING = 1;
const COMPLETED = 2;
const CONTINUED_AS_NEW = 6;
const PAUSED = 8;
const OWNER = { namespace: "default", workflowId: "migrate", firstRunId: "first" };

interface Told {
  status: number;
  /** Servers before it was in the API leave it empty. */
  firstRunId: string;
}

/** What is said of the owner where a server tells this of its newest run and of its first execution. */
function stateWhere(newest: Told | null, first: Told | null) {
  const connection = {
    workflowService: {
      async describeWorkflowExecution({ execution }: { execution: { runId?: string } }) {
        const told = execution.runId === undefined ? newest : first;
        if (told === null) throw Object.assign(new Error("not found"), { code: 5 });
        return { workflowExecutionInfo: told };
      },
    },
    // Nothing else of a connection is asked.
  } as unknown as NativeConnection;
  const target = { address: "127.0.0.1:7233", namespace: "default" } as Parameters<
    typeof createOrchestration
  >[1];
  return createOrchestration(connection, target).runState(OWNER);
}

const own = (status: number) => ({ status, firstRunId: "first" });
const untold = (status: number) => ({ status, firstRunId: "" });
const other = (status: number) => ({ status, firstRunId: "other" });

test.each([
  ["works", own(RUNNING), own(RUNNING), "open"],
  ["works as a later execution whose first is deleted", own(RUNNING), null, "open"],
  ["is paused at its server", own(PAUSED), own(PAUSED), "open"],
  ["has ended", own(COMPLETED), own(COMPLETED), "closed"],
  ["has ended as a later execution", own(COMPLETED), own(CONTINUED_AS_NEW), "closed"],
  ["was followed by another run", other(RUNNING), own(COMPLETED), "closed"],
  ["was followed by another run, after a later execution", other(RUNNING), own(CONTINUED_AS_NEW), "closed"],
  ["is not known", null, null, "missing"],
  ["is deleted, and another one works", other(RUNNING), null, "missing"],
  ["works at a server that tells no first run", untold(RUNNING), untold(RUNNING), "open"],
  ["has ended at a server that tells no first run", untold(COMPLETED), untold(COMPLETED), "closed"],
  ["goes on as nobody knows which", untold(RUNNING), untold(CONTINUED_AS_NEW), "unknown"],
])("a run that %s", async (_, newest, first, state) => {
  expect(await stateWhere(newest, first)).toBe(state);
});
