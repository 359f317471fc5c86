import { randomUUID } from "node:crypto";
import { expect, inject, test } from "vitest";
import { poolOfWorkflow, workflowIdOf } from "../../src/domain/workflow-id.ts";
import { startKeyed } from "../setup/secured-temporal.ts";
import { ownedRig, ownerOf, takeOver } from "./owned-rig.ts";
import { expectRefusal } from "./refusal.ts";
import { addMigration, startRig } from "./rig.ts";

test("refuses while the run works, with the command that cancels it", async () => {
  const { rig, owner } = await ownedRig();
  const refused = await takeOver(rig);
  expectRefusal(refused, new RegExp(`Run ${owner.firstRunId} of ${owner.workflowId} .*still works`));
  expect(refused.stderr).toContain(`./spillway cancel ${poolOfWorkflow(owner.workflowId)}`);
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

test("frees nothing where a server does not let this caller in: the run may work there", async () => {
  const { rig, owner } = await ownedRig();
  const { settings } = await startKeyed(inject("temporalAddress"), { key: "the-key" });
  Object.assign(rig.settings, settings, { TEMPORAL_API_KEY: "another-key" });
  expectRefusal(await takeOver(rig), /does not let this caller into the namespace .* Nothing was done/);
  expect(await ownerOf(rig)).toEqual(owner);
});
