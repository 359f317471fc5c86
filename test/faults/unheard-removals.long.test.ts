import { expect, test } from "vitest";
import { FILE, nth, SEVERAL, tenants } from "./changing-pool.ts";
import { again, membershipsOf } from "./migrated.ts";
import { type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** A run is given up whose removals took effect after its worker had died: the next one makes again what they removed. */

const LONG_TEST_MS = 240_000;
const USERS = 8;

interface GivenUp {
  terminate(reason: string): Promise<unknown>;
}

/** A run whose worker dies while such calls are under way: they take effect, and nobody hears of it. */
async function unheard(
  stage: Stage,
  worker: ReturnType<Stage["startWorker"]>,
  operation: string,
  start: () => Promise<GivenUp>,
): Promise<void> {
  const { promise, resolve: release } = Promise.withResolvers<void>();
  const { entries } = stage.workos.journal;
  const from = entries.length;
  const calls = () => entries.slice(from).filter((entry) => entry.operation === operation);
  stage.workos.faults.add({ match: { operation }, times: USERS, effect: { kind: "hold", until: promise } });
  const run = await start();
  await until(`${operation} is held`, () => calls().length > 0, 60_000);
  await worker.end("SIGKILL");
  await run.terminate("given up");
  stage.workos.faults.clear();
  release();
  const took = () => calls().some(({ status }) => status !== null && status < 300);
  await until(`${operation} takes effect`, took, 30_000);
  stage.startWorker();
}

async function verified(stage: Stage) {
  return (await stage.verify()).result();
}

test("what an undo removed is no removal by somebody else to a verification, and is made again", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ pool: tenants(USERS), file: FILE, workos: SEVERAL });
  const worker = stage.startWorker();
  await again(stage);
  await unheard(stage, worker, "deleteUser", () => stage.undo());
  expect(stage.workos.users.size).toBeLessThan(USERS);
  expect(await verified(stage)).toMatchObject({ differences: 0, people: stage.workos.users.size });
  expect(await again(stage)).toMatchObject({ imported: USERS, skipped: 0 });
  expect(stage.workos.users.size).toBe(USERS);
});

test("whoever is enabled again after a removal that nobody heard of is made again, verified or not", {
  timeout: LONG_TEST_MS,
}, async () => {
  const file = { ...FILE, users: { disabledLater: "delete" as const } };
  const stage = await setStage({ pool: tenants(USERS), file, workos: SEVERAL });
  const worker = stage.startWorker();
  await again(stage);
  const person = nth(stage.pool, 2);
  person.enabled = false;
  await unheard(stage, worker, "deleteUser", () => stage.start());
  expect(stage.workos.users.size).toBe(USERS - 1);
  expect(await verified(stage)).toMatchObject({ differences: 0 });
  person.enabled = true;
  await again(stage);
  expect(stage.workos.users.size).toBe(USERS);
});

test("whoever is back in their organization after a removal that nobody heard of is its member again", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ pool: tenants(USERS), file: FILE, workos: SEVERAL });
  const worker = stage.startWorker();
  await again(stage);
  const person = nth(stage.pool, 2);
  const tenant = person.attributes["custom:tenant"] ?? "";
  const before = membershipsOf(stage, person.sub);
  delete person.attributes["custom:tenant"];
  await unheard(stage, worker, "deleteMembership", () => stage.start());
  expect(membershipsOf(stage, person.sub)).not.toEqual(before);
  expect(await verified(stage)).toMatchObject({ differences: 0 });
  person.attributes["custom:tenant"] = tenant;
  await again(stage);
  expect(membershipsOf(stage, person.sub)).toEqual(before);
});
