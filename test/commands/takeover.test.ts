import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { expect, inject, onTestFinished, test } from "vitest";
import { workflowIdOf } from "../../src/domain/migration.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { migrationsOfPool, type Owner } from "../../src/ledger/runs.ts";
import { runCli } from "./cli.ts";
import { expectRefusal } from "./refusal.ts";
import { addMigration, type Rig, startRig } from "./rig.ts";

/** Of temporal.api.enums.v1.CommandType. */
const CONTINUE_AS_NEW = 10;

/** A migration whose owner is a run at the tests' Temporal, on a queue that no worker polls. */
async function ownedRig() {
  const rig = await startRig(1);
  const connection = await Connection.connect({ address: inject("temporalAddress") });
  const run = await new Client({ connection }).workflow.start("migrateUserPool", {
    taskQueue: rig.pool.poolId,
    workflowId: workflowIdOf(rig.pool.poolId),
  });
  onTestFinished(async () => {
    await run.terminate().catch(() => undefined);
    await connection.close();
  });
  const owner = { namespace: "default", workflowId: run.workflowId, firstRunId: run.firstExecutionRunId };
  await addMigration(rig, rig.workos.clientId, owner);
  return { rig, run, owner, connection };
}

function takeOver({ folder, settings, pool }: Rig) {
  return runCli(["takeover", pool.poolId, "--yes"], folder, settings);
}

async function ownerOf({ folder, pool }: Rig): Promise<Owner | null | undefined> {
  const ledger = await openLedger(`sqlite:${join(folder, "ledger.db")}`);
  try {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, pool.poolId));
    return migration?.owner;
  } finally {
    await ledger.close();
  }
}

test("refuses while the run works, with the command that cancels it", async () => {
  const { rig, owner } = await ownedRig();
  const refused = await takeOver(rig);
  expectRefusal(refused, new RegExp(`Run ${owner.firstRunId} of ${owner.workflowId} .*still works`));
  expect(refused.stderr).toContain(
    `./temporal workflow cancel --address ${inject("temporalAddress")} --namespace default --workflow-id ${owner.workflowId}`,
  );
  expect(await ownerOf(rig)).toEqual(owner);
});

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
  await expect.poll(isKept, { timeout: 20_000 }).toBe(false);
  expectRefusal(await takeOver(rig), /still works/);
  expect(await ownerOf(rig)).toEqual(owner);
});

test("frees the migration of a run that has ended", async () => {
  const { rig, run } = await ownedRig();
  await run.terminate();
  const { code, stdout } = await takeOver(rig);
  expect(stdout).toMatch(/has ended[\s\S]*is free/);
  expect(code).toBe(0);
  expect(await ownerOf(rig)).toBeNull();
});

test("says that Temporal does not know the run, and frees the migration", async () => {
  const rig = await startRig(1);
  const workflowId = workflowIdOf(rig.pool.poolId);
  await addMigration(rig, rig.workos.clientId, {
    namespace: "default",
    workflowId,
    firstRunId: randomUUID(),
  });
  const { code, stdout } = await takeOver(rig);
  expect(stdout).toMatch(/does not know this run[\s\S]*is free/);
  expect(code).toBe(0);
  expect(await ownerOf(rig)).toBeNull();
});

test("says that Temporal does not answer, and frees the migration", async () => {
  const { rig } = await ownedRig();
  rig.settings.TEMPORAL_ADDRESS = "127.0.0.1:1";
  const { code, stdout } = await takeOver(rig);
  expect(stdout).toMatch(/No Temporal server answers at 127\.0\.0\.1:1[\s\S]*is free/);
  expect(code).toBe(0);
  expect(await ownerOf(rig)).toBeNull();
});
