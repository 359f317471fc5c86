import { expect, test } from "vitest";
import { ownedRig, ownerOf, takeOver } from "./owned-rig.ts";
import { expectRefusal } from "./refusal.ts";

/** Of temporal.api.enums.v1.CommandType. */
const CONTINUE_AS_NEW = 10;

test("refuses while the run works whose first execution Temporal keeps no more", async () => {
  const { rig, owner, connection } = await ownedRig();
  const { workflowService } = connection;
  const taskQueue = { name: rig.pool.poolId };
  const { taskToken } = await connection.withDeadline(Date.now() + 20_000, () =>
    workflowService.pollWorkflowTaskQueue({ namespace: "default", taskQueue }),
  );
  await workflowService.respondWorkflowTaskCompleted({
    namespace: "default",
    taskToken,
    commands: [
      {
        commandType: CONTINUE_AS_NEW,
        continueAsNewWorkflowExecutionCommandAttributes: {
          workflowType: { name: "migrateUserPool" },
          taskQueue,
        },
      },
    ],
  });
  const first = { workflowId: owner.workflowId, runId: owner.firstRunId };
  await workflowService.deleteWorkflowExecution({ namespace: "default", workflowExecution: first });
  const isKept = () =>
    workflowService.describeWorkflowExecution({ namespace: "default", execution: first }).then(
      () => true,
      () => false,
    );
  await expect.poll(isKept, { timeout: 120_000 }).toBe(false);
  expectRefusal(await takeOver(rig), /still works/);
  expect(await ownerOf(rig)).toEqual(owner);
});
