import { once } from "node:events";
import { createServer } from "node:net";
import { Client, Connection } from "@temporalio/client";
import { expect, inject, onTestFinished, test } from "vitest";
import { workflowIdOf } from "../../src/domain/workflow-id.ts";
import { runCli, startCli } from "./cli.ts";
import { startGateRig } from "./gate-rig.ts";
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
  // Not done: whatever is to follow a run must not begin.
  expect(stopped.code).toBe(130);

  await run.terminate("test");
  const ended = await runCli(["watch", pool.poolId], folder, settings);
  expect(ended.stderr).toMatch(/^The run was terminated\. What it did stands: /);
  expect(ended.code).toBe(1);
});

test("a run whose worker died is told by what the ledger has, as JSON too, and so is one that was ended", async () => {
  const { file, folder, settings, pool } = await startGateRig();
  const worker = startCli(["migrate", file], folder, settings);
  await worker.printed("./spillway skip");
  worker.child.kill("SIGKILL");
  await worker.ended;
  const look = async () =>
    JSON.parse((await runCli(["watch", pool.poolId, "--json"], folder, settings)).stdout);
  const credentials = { done: 3, failed: 0, skipped: 2, of: 7 };
  const dead = await look();
  expect(dead).toMatchObject({ standing: { kind: "no_worker" }, totals: { credentials } });
  expect(dead.phases).not.toContain("resets");
  // It stands at the gate, before it reads the pool.
  const report = await runCli(["report", "--out", "report"], folder, settings);
  expect(report.stdout).toMatch(/^The newest run has not begun to read the pool: /);
  const one = await runCli(["lookup", "somebody"], folder, settings);
  expect(one.stderr).toMatch(/^The newest run has not read the whole pool yet, and somebody is not among/);

  const connection = await Connection.connect({ address: inject("temporalAddress") });
  onTestFinished(() => connection.close());
  await new Client({ connection }).workflow.getHandle(workflowIdOf(pool.poolId)).terminate("test");
  const ended = await look();
  expect(ended).toMatchObject({ standing: { kind: "failed" }, totals: { credentials } });
  expect(ended.phases).toEqual(["credentials"]);
});

test("a signal ends the watching while it still looks for the server", async () => {
  const { folder, settings, pool } = await startRig(1);
  const mute = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void mute.close());
  await once(mute, "listening");
  const address = mute.address();
  if (address === null || typeof address === "string") throw new Error("It has a port.");
  const TEMPORAL_ADDRESS = `127.0.0.1:${address.port}`;
  const watch = startCli(["watch", pool.poolId], folder, { ...settings, TEMPORAL_ADDRESS });
  await once(mute, "connection");
  watch.child.kill("SIGTERM");
  await watch.ended;
  expect(watch.child.signalCode).toBe("SIGTERM");
});
