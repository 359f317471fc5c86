import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { freePort } from "../setup/free-port.ts";
import { auditRun } from "./audit.ts";
import { creates, setStage } from "./stage.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 120_000;
const ROOT = join(import.meta.dirname, "../..");
const summarySchema = z.object({
  listed: z.number(),
  imported: z.number(),
  merged: z.number(),
  skipped: z.number(),
  failed: z.number(),
  open: z.number(),
});

/** The commands of the README, as an engineer types them, against a server started by hand. */
test("the README's commands start and steer a run", { timeout: LONG_TEST_MS }, async () => {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const server = spawn(
    join(ROOT, "temporal"),
    ["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", `${port}`, "--log-level", "error"],
    { stdio: "ignore" },
  );
  onTestFinished(async () => {
    server.kill("SIGTERM");
    await once(server, "exit");
  });
  const temporal = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(join(ROOT, "temporal"), [...args, "--address", address]);
    return stdout;
  };
  await until("the server answers", () =>
    temporal("operator", "namespace", "describe", "-n", "default").then(
      () => true,
      () => false,
    ),
  );
  const stage = await setStage({ users: 500, temporalAddress: address });
  const example = JSON.parse(readFileSync(join(ROOT, "examples/minimal.json"), "utf8"));
  const file = join(stage.folder, "migration.json");
  writeFileSync(
    file,
    JSON.stringify({ ...example, ...stage.file, pace: { writesPerSecond: 20, pagesPerSecond: 100 } }),
  );
  await stage.work();

  const { workflowId, taskQueue } = stage;
  const start = `workflow start --task-queue ${taskQueue} --type migrateUserPool --workflow-id ${workflowId}`;
  const options = ["--fail-existing", "--task-timeout", "5s", "--input-file", file];
  await temporal(...start.split(" "), ...options);
  await expect(temporal(...start.split(" "), ...options)).rejects.toThrow();
  const update = (name: string, ...input: string[]) =>
    temporal("workflow", "update", "execute", "--workflow-id", workflowId, "--name", name, ...input);
  const progress = async () =>
    JSON.stringify(
      JSON.parse(
        await temporal(
          "workflow",
          "query",
          "--workflow-id",
          workflowId,
          "--type",
          "progress",
          "--output",
          "json",
        ),
      ),
    );

  await until("users arrive", () => creates(stage.workos).length > 10);
  await update("pause");
  const pausedAtMs = Date.now();
  expect(await progress()).toContain("Paused");
  await sleep(3_000);
  expect(creates(stage.workos).filter((entry) => entry.atMs > pausedAtMs + 2_000)).toEqual([]);

  const details = await temporal("workflow", "metadata", "--workflow-id", workflowId);
  const command = /^\s*\.\/spillway resume \S+$/m.exec(details)?.[0].trim() ?? "";
  const env = { ...stage.environment, PATH: process.env.PATH, TEMPORAL_ADDRESS: address };
  await promisify(execFile)("sh", ["-c", command], { cwd: ROOT, env });
  await expect(update("setPace", "--input", '{"writesPerSecond": -1}')).rejects.toThrow(/over 0/);
  await update(
    "setPace",
    "--input",
    '{"writesPerSecond": 900, "callsPerSecond": 2000, "readsPerSecond": 2000}',
  );
  const run = stage.client.workflow.getHandle(workflowId);
  const summary = summarySchema.parse(await run.result());
  await auditRun(stage, summary);
});
