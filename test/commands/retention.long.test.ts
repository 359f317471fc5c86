import { readFileSync, writeFileSync } from "node:fs";
import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { workflowIdOf } from "../../src/domain/workflow-id.ts";
import { pauseUpdate, resumeUpdate } from "../../src/workflows/messages.ts";
import { until } from "../faults/until.ts";
import { freePort } from "../setup/free-port.ts";
import { startTemporal, type TemporalServer } from "../setup/temporal-server.ts";
import { runCli, startCli } from "./cli.ts";
import { startGateRig } from "./gate-rig.ts";

const FEW_EVENTS = "60";
const TIMEOUT_MS = 180_000;
const MISSING = ["Google", "SignInWithApple"];

let server: TemporalServer;
beforeAll(async () => {
  const dynamicConfig = { "limit.historyCount.suggestContinueAsNew": FEW_EVENTS };
  server = await startTemporal({ port: await freePort(), dynamicConfig });
});
afterAll(() => server.stop());

/** A run that waits for two providers, in a second execution: the first is deleted, as after the namespace's retention. */
async function longRun() {
  const rig = await startGateRig();
  const { file, folder, pool } = rig;
  const settings = { ...rig.settings, TEMPORAL_ADDRESS: server.address };
  const connection = await Connection.connect({ address: server.address });
  onTestFinished(() => connection.close());
  const { workflow, workflowService } = new Client({ connection });
  const workflowId = workflowIdOf(pool.poolId);
  const command = startCli(["migrate", file], folder, settings);
  await command.printed("Waiting: ");
  const run = workflow.getHandle(workflowId);
  const { runId } = await run.describe();
  await until("it continues as new", async () => {
    // One that meets the end of the history is refused.
    await run.executeUpdate(pauseUpdate).catch(() => undefined);
    await run.executeUpdate(resumeUpdate, { args: [{}] }).catch(() => undefined);
    return (await run.describe()).runId !== runId;
  });
  await workflowService.deleteWorkflowExecution({
    namespace: "default",
    workflowExecution: { workflowId, runId },
  });
  const first = workflow.getHandle(workflowId, runId);
  await until("the first execution is deleted", () =>
    first.describe().then(
      () => false,
      () => true,
    ),
  );
  return { ...rig, settings, command, run };
}

test("a run that outlives its first execution is steered, followed to its end, and told afterwards", {
  timeout: TIMEOUT_MS,
}, async () => {
  const { command, folder, settings, pool, run } = await longRun();
  for (const name of MISSING) {
    const skipped = await runCli(
      ["skip", pool.poolId, name, "--reason", "turned off", "--yes"],
      folder,
      settings,
    );
    expect(skipped).toMatchObject({ code: 0, stderr: "" });
  }
  const { code, stdout, stderr } = await command.ended;
  expect(stdout).toContain("Done: of 12 users");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect((await run.describe()).status.name).toBe("COMPLETED");
  const watched = await runCli(["watch", pool.poolId], folder, settings);
  expect(watched.stdout).toContain("Done: of 12 users");
  const json = await runCli(["watch", pool.poolId, "--json"], folder, settings);
  expect(JSON.parse(json.stdout)).toMatchObject({ standing: { kind: "done", summary: { listed: 12 } } });
});

test("a run that outlives its first execution is ended by --restart, and another one begins", {
  timeout: TIMEOUT_MS,
}, async () => {
  const { command, file, folder, settings } = await longRun();
  command.child.kill("SIGINT");
  await command.ended;
  const { providers, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  const skipped = Object.fromEntries(MISSING.map((name) => [name, { skip: "turned off" }]));
  writeFileSync(file, JSON.stringify({ ...rest, providers: { ...providers, ...skipped } }));
  const { code, stdout, stderr } = await runCli(["migrate", file, "--restart"], folder, settings);
  expect(stdout).toContain("It has ended. What it did stands, and this run goes on from there.");
  expect(stdout).toContain("Done: of 12 users");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
