import { expect, test } from "vitest";
import { tenants } from "../faults/changing-pool.ts";
import { setStage } from "../faults/stage.ts";

test("a run about a known migration fails at once where its input is huge", { timeout: 60_000 }, async () => {
  const stage = await setStage({ pool: tenants(1) });
  await stage.work();
  const { client, workflowId, taskQueue, pool } = stage;
  const huge = "x".repeat(1_050_000);
  const inputs = [
    { userPoolId: huge, destination: { kind: "workos" } },
    { userPoolId: pool.poolId, destination: { kind: huge } },
  ];
  for (const type of ["redriveMigration", "verifyMigration", "undoMigration"])
    for (const input of inputs)
      await expect(
        client.workflow.execute(type, { workflowId, taskQueue, args: [input] }),
      ).rejects.toMatchObject({ cause: { message: expect.stringMatching(/ is wrong: .{1,120}\.$/) } });
});
