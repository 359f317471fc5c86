import { expect, test } from "vitest";
import { runCli } from "./cli.ts";
import { type Rig, startRig } from "./rig.ts";

/** What failed is tried again by a command of its own: what it says, and its exit code. */

const cli = ({ folder, settings }: Rig, ...words: string[]) => runCli(words, folder, settings);

test("what failed is tried again once it is mended, and a pipeline hears what is left", async () => {
  const rig = await startRig(40);
  const { poolId } = rig.pool;
  const effect = { kind: "status", status: 422, body: { code: "not_now", message: "Not now." } } as const;
  rig.workos.faults.add({ match: { operation: "createUser", after: 3 }, times: 3, effect });
  const first = await cli(rig, "migrate", rig.file);
  expect(first.stdout).toContain("3 failed");
  expect(first.code).toBe(1);
  expect((await cli(rig, "watch", poolId)).code).toBe(1);
  expect(first.stdout).toContain(`./spillway redrive ${poolId}`);
  rig.workos.faults.add({ match: { operation: "createUser" }, times: 1, effect });
  const second = await cli(rig, "redrive", poolId);
  expect(second).toMatchObject({ code: 1, stderr: "" });
  expect(second.stdout).toContain("Tried again: 3 items.");
  expect(second.stdout).toContain("Failed still: 1.");
  const third = await cli(rig, "redrive", poolId);
  expect(third).toMatchObject({ code: 0, stderr: "" });
  expect(third.stdout).toContain("Tried again: 1 item.");
  expect(third.stdout).toMatch(/0 failed\./);
  const fourth = await cli(rig, "redrive", poolId);
  expect(fourth).toMatchObject({ code: 0, stderr: "" });
  expect(fourth.stdout).toContain("Nothing had failed that can be tried again.");
});

test("after a dry run that followed a migration, what failed stands, and a run takes it up", async () => {
  const rig = await startRig(10);
  const effect = { kind: "status", status: 422, body: { code: "not_now", message: "Not now." } } as const;
  rig.workos.faults.add({ match: { operation: "createUser" }, times: 1, effect });
  expect((await cli(rig, "migrate", rig.file)).stdout).toMatch(/, 1 failed\./);
  await cli(rig, "plan", rig.file);
  const refused = await cli(rig, "redrive", rig.pool.poolId);
  expect(refused.code).toBe(2);
  expect(refused.stderr.replaceAll("\n", " ")).toContain(
    "whatever had failed stands as it was. Start the migration instead.",
  );
  expect((await cli(rig, "migrate", rig.file)).stdout).toMatch(/, 0 failed\./);
});

test("after a dry run there is nothing to try again, and that is said", async () => {
  const rig = await startRig(10);
  await cli(rig, "plan", rig.file);
  const refused = await cli(rig, "redrive", rig.pool.poolId);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("Nothing can be tried again by itself: the newest run was a dry one");
});
