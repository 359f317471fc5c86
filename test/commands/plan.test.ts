import { readFileSync } from "node:fs";
import { Client, Connection } from "@temporalio/client";
import { expect, inject, onTestFinished, test } from "vitest";
import { startRun } from "../../src/commands/run-here.ts";
import { runCli } from "./cli.ts";
import { type Rig, startRig } from "./rig.ts";

/** What a run would do, for people and for pipelines. */

const cli = ({ folder, settings }: Rig, words: readonly string[]) => runCli(words, folder, settings);

/** "12 new, 3 changed, 1 removed" of people and memberships. */
function counts(stdout: string, what: string): string {
  return stdout.replaceAll(/\s+/g, " ").split(`${what}: `)[1]?.split(".")[0] ?? "";
}

test("a plan writes nothing and tells what the run then does; where a person has to decide, the exit code says so", async () => {
  const rig = await startRig();
  const planned = await cli(rig, ["plan", rig.file]);
  expect(planned.stderr).toBe("");
  expect(planned.stdout).toContain("The dry run is done, and nothing was written");
  expect(planned.stdout.replaceAll(/\s+/g, " ")).toMatch(
    /A person has to decide about \d+ accounts, which stay out/,
  );
  expect(planned.code).toBe(2);
  expect(rig.workos.users.size).toBe(0);

  const { stdout } = await cli(rig, ["migrate", rig.file]);
  const written = counts(stdout, "Written by this run");
  expect(written).toMatch(/^people \d+ new, 0 changed, 0 removed/);
  expect(counts(planned.stdout, "A run would write")).toBe(written);
  expect(stdout).toContain("Verified: the destination holds what was written.");

  const again = await cli(rig, ["plan", rig.file]);
  expect(counts(again.stdout, "A run would write")).toBe("people 0 new, 0 changed, 0 removed");
});

test("nothing is planned beside a run that is under way, and the run is left alone", async () => {
  const rig = await startRig(20);
  const { poolId } = rig.pool;
  const connection = await Connection.connect({ address: inject("temporalAddress") });
  onTestFinished(() => connection.close());
  const client = new Client({ connection });
  // Nobody works on this queue: a command that attached would.
  const taskQueue = `by-hand-${poolId}`;
  const run = await client.workflow.start("migrateUserPool", {
    workflowId: `migrate-${poolId}`,
    taskQueue,
    args: [JSON.parse(readFileSync(rig.file, "utf8"))],
  });
  onTestFinished(async () => void (await run.terminate()));
  const { code, stderr } = await cli(rig, ["plan", rig.file]);
  expect(code).toBe(2);
  expect(stderr).toBe(
    `A migration of this pool is under way, and nothing is planned beside it: \`./spillway watch ${poolId}\` shows it, and \`./spillway migrate FILE\` goes on with it where nothing works it. Plan once it has ended.\n`,
  );
  // One that began between the look and the start.
  const beside = {
    workflowType: "migrateUserPool",
    userPoolId: poolId,
    told: { summary: "", details: "" },
    input: {},
  } as const;
  expect(await startRun(client, taskQueue, beside)).toBeNull();
  // It was started, and its first task waits.
  expect(await run.describe()).toMatchObject({ runId: run.firstExecutionRunId, historyLength: 2 });
});
