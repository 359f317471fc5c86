import { expect, test } from "vitest";
import { noteAccount, noteMoved } from "../../src/ledger/bridge.ts";
import type { Tx } from "../../src/ledger/ledger.ts";
import { type MigrationRow, migrationsOfPool } from "../../src/ledger/runs.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { outcomes } from "../faults/audit.ts";
import { creates, progressOf, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";

const LONG_TEST_MS = 60_000;

/** As the bridge leaves somebody whose password it brought over. */
async function movedTo(tx: Tx, migration: MigrationRow | undefined, sub: string, destinationId: string) {
  const email = `${sub}@example.com`;
  if (migration === undefined) throw new Error("There is no migration.");
  const how = "created";
  const account = {
    sub,
    email,
    destinationId,
    how,
    fingerprint: null,
    firstClaimedAtMs: Date.now(),
  } as const;
  await noteAccount(tx, migration, account);
  await noteMoved(tx, migration.id, sub);
}

test("whom the bridge moved before any snapshot, and somebody removed, is not made again", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 6, poolId: freshPoolId("removed") });
  const late = pool.users.splice(4, 2);
  const stage = await setStage({ pool });
  await stage.work();
  await (await stage.start()).result();
  expect(creates(stage.workos)).toHaveLength(4);
  const [gone] = late;
  await stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, pool.poolId));
    await ledger.write((tx) => movedTo(tx, migration, gone?.sub ?? "", "user_that_was_removed"));
  });
  pool.users.push(...late);
  const run = await stage.start();
  // Verification would look for the account for a while.
  await until("users are through", async () => (await progressOf(run)).phase === "verify");
  await run.terminate();
  expect(creates(stage.workos)).toHaveLength(5);
  const ended = await outcomes(stage);
  expect(ended.get(gone?.sub ?? "")).toMatchObject({ destinationId: "user_that_was_removed" });
});

test("whom the bridge moved stands for the address, as the bridge itself decides", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 4, poolId: freshPoolId("stands") });
  const twins = pool.users.splice(2, 2);
  const [older, moved] = twins.toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  if (older === undefined || moved === undefined) throw new Error("There are no twins.");
  older.attributes.email = moved.attributes.email ?? "";
  const stage = await setStage({ pool });
  await stage.work();
  await (await stage.start()).result();
  await stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, pool.poolId));
    await ledger.write((tx) => movedTo(tx, migration, moved.sub, "user_of_the_bridge"));
  });
  pool.users.push(...twins);
  const run = await stage.start();
  await until("users are through", async () => (await progressOf(run)).phase === "verify");
  await run.terminate();
  expect(creates(stage.workos)).toHaveLength(2);
  const ended = await outcomes(stage);
  expect(ended.get(moved.sub)).toMatchObject({ outcome: "imported", destinationId: "user_of_the_bridge" });
  expect(ended.get(older.sub)).toMatchObject({ outcome: "merged" });
});
