import { expect, test } from "vitest";
import { FILE, nth, SEVERAL, tenants } from "./changing-pool.ts";
import { accountOf } from "./migrated.ts";
import { type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** A verification by itself is killed where it lists, and goes on: it ends with what one that nobody killed finds. */

const LONG_TEST_MS = 180_000;
const USERS = 320;
/** A kill at each kind of list. */
const LISTS = ["listUsers", "listOrganizations", "listMemberships"];

/** What the ledger holds of the last verification. */
async function found(stage: Stage) {
  const rows = await stage.withLedger((ledger) =>
    ledger.read((db) =>
      db.selectFrom("differences").select(["kind", "key", "difference", "field"]).execute(),
    ),
  );
  return rows.map(({ kind, key, difference, field }) => `${kind} ${key} ${difference} ${field}`).sort();
}

function writes({ workos }: Stage): number {
  return workos.journal.entries.filter(({ operation }) => /^(create|update|delete)/.test(operation)).length;
}

test("a verification whose worker is killed again and again goes on, and ends the same", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = tenants(USERS);
  const stage = await setStage({ pool, file: FILE, workos: SEVERAL });
  let worker = stage.startWorker();
  await (await stage.start()).result();
  Object.assign(accountOf(stage, nth(pool, 3).sub), { first_name: "Somebody else" });
  Object.assign(accountOf(stage, nth(pool, 7).sub), { metadata: { plan: "another" } });
  const [organization] = stage.workos.state().organizations;
  Object.assign(stage.workos.stores.organizations.byId.get(organization?.id ?? "") ?? {}, {
    name: "Renamed",
  });
  const whole = await (await stage.verify()).result();
  const told = await found(stage);
  expect(told.length).toBeGreaterThan(1);
  const before = writes(stage);

  const run = await stage.verify();
  for (const operation of LISTS) {
    const { promise, resolve: release } = Promise.withResolvers<void>();
    const { entries } = stage.workos.journal;
    const from = entries.length;
    stage.workos.faults.add({ match: { operation }, times: 1, effect: { kind: "hold", until: promise } });
    const isHeld = () => entries.slice(from).some((entry) => entry.operation === operation);
    await until(`${operation} is held`, isHeld, 60_000);
    await worker.end("SIGKILL");
    release();
    worker = stage.startWorker();
  }
  expect(await run.result()).toEqual({ ...whole, times: expect.any(Object) });
  expect(await found(stage)).toEqual(told);
  expect(writes(stage)).toBe(before);
});
