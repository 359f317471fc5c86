import { expect, test } from "vitest";
import type { UndoSummary } from "../../src/domain/contract.ts";
import { readMigration } from "../../src/ledger/runs.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { passwordClient, withPasswords } from "../doubles/pool/passwords.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { nth } from "./changing-pool.ts";
import { again } from "./migrated.ts";
import { type Stage, setStage } from "./stage.ts";
import { type StageBridge, startStageBridge } from "./stage-bridge.ts";
import { until } from "./until.ts";

/** An undo beside a living bridge: a sign-in that began before it ends after it has passed that person. */

const LONG_TEST_MS = 150_000;
const USERS = 20;
const SEED = 5;
const LEDGERS: [name: string, url: () => Promise<string | undefined>][] = [
  ["SQLite", async () => undefined],
  ["PostgreSQL", freshPostgresDatabase],
];

interface Scene {
  stage: Stage;
  bridge: StageBridge;
  /** Signed up after the migration, and never signed in over the bridge: nobody did. */
  newcomer: PoolUser;
}

async function setScene(ledgerUrl: string | undefined): Promise<Scene> {
  const plain = plainPool({ users: USERS + 1, poolId: freshPoolId("passed") });
  const pool = { ...withPasswords(plain, SEED), clients: [passwordClient()] };
  const newcomer = nth(pool, USERS);
  pool.users.splice(USERS, 1);
  const stage = await setStage({ pool, ...(ledgerUrl !== undefined && { ledgerUrl }) });
  await stage.work();
  expect(await again(stage)).toMatchObject({ imported: USERS });
  stage.pool.users.push(newcomer);
  return { stage, bridge: await startStageBridge(stage), newcomer };
}

/** Holds the next such call, and tells when it has arrived. */
function held(double: Stage["cognito"] | Stage["workos"], operation: string) {
  const { promise, resolve: release } = Promise.withResolvers<void>();
  const before = double.journal.entries.length;
  double.faults.add({ match: { operation }, times: 1, effect: { kind: "hold", until: promise } });
  const isThere = () => double.journal.entries.slice(before).some((entry) => entry.operation === operation);
  return { release, arrived: () => until(`${operation} is held`, isThere, 30_000) };
}

async function hasBegun({ withLedger }: Stage): Promise<void> {
  const undo = () => withLedger((ledger) => ledger.read((db) => readMigration(db, 1)));
  await until("the undo has begun", async () => (await undo()).undo !== null, 30_000);
}

/** Everybody is taken back, or named with why they stay. */
function expectEverybodyNamed({ workos }: Stage, { of: { user } }: UndoSummary, people: number): void {
  const kept = Object.values(user.kept).reduce((sum, count) => sum + count, 0);
  expect(user.failed).toEqual({});
  expect(user.removed + kept).toBe(people);
  expect(workos.users.size).toBe(kept);
}

test.each(LEDGERS)(
  "a first sign-in that has made no account yet makes none any more (%s)",
  {
    timeout: LONG_TEST_MS,
  },
  async (_, url) => {
    const { stage, bridge, newcomer } = await setScene(await url());
    const check = held(stage.cognito, "AdminInitiateAuth");
    const answer = bridge.signIn(newcomer);
    await check.arrived();
    const undone = await (await stage.undo()).result();
    check.release();
    expect(await answer).toBe(503);
    expectEverybodyNamed(stage, undone, USERS);
  },
);

test.each(LEDGERS)(
  "one whose account is being made is waited for, and its account is taken back or named (%s)",
  {
    timeout: LONG_TEST_MS,
  },
  async (_, url) => {
    const { stage, bridge, newcomer } = await setScene(await url());
    const create = held(stage.workos, "createUser");
    const answer = bridge.signIn(newcomer);
    await create.arrived();
    const undo = await stage.undo();
    await hasBegun(stage);
    create.release();
    await answer;
    expectEverybodyNamed(stage, await undo.result(), USERS + 1);
  },
);

test("the account of a bridge that was killed while it was made is taken back", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, bridge, newcomer } = await setScene(undefined);
  const create = held(stage.workos, "createUser");
  const answer = bridge.signIn(newcomer);
  await create.arrived();
  await bridge.kill();
  expect(await answer).toBe(0);
  create.release();
  await until("the account is made", () => stage.workos.users.size === USERS + 1, 10_000);
  const undone = await (await stage.undo()).result();
  expectEverybodyNamed(stage, undone, USERS + 1);
  expect(stage.workos.users.size).toBe(0);
});

test("a dry run after an undo lets nobody come over the bridge, and the next migration does", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, bridge, newcomer } = await setScene(undefined);
  await (await stage.undo()).result();
  await (await stage.start({ dryRun: true })).result();
  expect(await bridge.signIn(newcomer)).toBe(503);
  expect(stage.workos.users.size).toBe(0);
  expect(await again(stage)).toMatchObject({ imported: USERS + 1 });
  expect(await bridge.signIn(newcomer)).toBe(200);
});
