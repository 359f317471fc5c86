import { expect, test } from "vitest";
import { resumeUpdate } from "../../src/workflows/messages.ts";
import { runCli } from "../commands/cli.ts";
import { auditRun } from "./audit.ts";
import { creates, FAST_PACE, progressOf, type Run, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** A run of which the ledger knows, and Temporal does not any more: its namespace's retention is over. */

const USERS = 40;

async function importing(): Promise<{ stage: Stage; run: Run }> {
  const stage = await setStage({ users: USERS, plain: true });
  await stage.work();
  const run = await stage.start({ pace: { ...FAST_PACE, writesPerSecond: 5 } });
  await until("users arrive", () => creates(stage.workos).length > 2);
  return { stage, run };
}

async function forget({ client, workflowId }: Stage, run: Run): Promise<void> {
  await run.result().catch(() => undefined);
  const { runId } = await run.describe();
  const workflowExecution = { workflowId, runId };
  await client.workflowService.deleteWorkflowExecution({ namespace: "default", workflowExecution });
  const deleted = client.workflow.getHandle(workflowId, runId);
  await until("it is forgotten", () =>
    deleted.describe().then(
      () => false,
      () => true,
    ),
  );
}

test("a run that was cancelled and is forgotten stands in nobody's way", async () => {
  const { stage, run } = await importing();
  await run.cancel();
  await forget(stage, run);
  const next = await stage.start();
  await auditRun(stage, await next.result());
  expect(creates(stage.workos)).toHaveLength(USERS);
});

test("one that was terminated is taken over by the first command that the next run names, as it stands", async () => {
  const { stage, run } = await importing();
  await run.terminate();
  await forget(stage, run);
  const next = await stage.start();
  const waitsFor = await until("it waits", async () => (await progressOf(next)).waitsFor);
  const { poolId, region } = stage.pool;
  const command = `./spillway takeover ${poolId} --region ${region} --environment ${stage.workos.clientId}`;
  expect(waitsFor).toMatchObject({
    code: "ledger_owned",
    command,
    steps: [{ command }, { to: "Then:", command: `./spillway resume ${poolId}` }],
  });
  expect(waitsFor.sentence).toContain("is not known to this Temporal server, or no longer");
  const [, ...words] = command.split(" ");
  const taken = await runCli([...words, "--yes"], stage.folder, stage.environment);
  expect(taken).toMatchObject({ code: 0, stderr: "" });
  await next.executeUpdate(resumeUpdate, { args: [{}] });
  await auditRun(stage, await next.result());
  expect(stage.workos.users.size).toBe(USERS);
});
