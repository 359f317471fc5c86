import { Client, Connection } from "@temporalio/client";
import { expect, inject, onTestFinished, test } from "vitest";
import { workflowIdOf } from "../../src/domain/migration.ts";
import { runCli, startCli } from "./cli.ts";
import { startRig } from "./rig.ts";

test("a run without a worker is watched and says so", async () => {
  const { folder, settings, pool } = await startRig();
  const connection = await Connection.connect({ address: inject("temporalAddress") });
  const run = await new Client({ connection }).workflow.start("migrateUserPool", {
    taskQueue: pool.poolId,
    workflowId: workflowIdOf(pool.poolId),
  });
  onTestFinished(async () => {
    await run.terminate().catch(() => undefined);
    await connection.close();
  });
  const watch = startCli(["watch", pool.poolId], folder, settings);
  await watch.printed("No worker answers");
  watch.child.kill("SIGINT");
  const stopped = await watch.ended;
  expect(stopped.stdout).toMatch(/the run goes on/);
  expect(stopped.code).toBe(0);

  await run.terminate("test");
  const ended = await runCli(["watch", pool.poolId], folder, settings);
  expect(ended.stderr).toMatch(/The run ended early/);
  expect(ended.code).toBe(1);
});
