import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { resetStatesOf } from "../../src/ledger/campaign.ts";
import { migrationsOfPool, runOf } from "../../src/ledger/runs.ts";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import { passwordClient, withPasswords } from "../doubles/pool/passwords.ts";
import { createRandom } from "../doubles/pool/random.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { startPostgres } from "../setup/postgres-server.ts";
import { auditRun } from "./audit.ts";
import { Crowd, mailedAfterMove, mailsSent, whoCanSignIn } from "./campaign-crowd.ts";
import { recordFigures } from "./figures.ts";
import { killBackend } from "./kill-backend.ts";
import { ledgerDatabase } from "./ledger-database.ts";
import { resetItems } from "./reset-items.ts";
import { FAST_PACE, progressOf, type Stage, setStage } from "./stage.ts";
import { startStageBridge } from "./stage-bridge.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 900_000;
const USERS = 500;
const MAILS_PER_SECOND = 40;
/** Before the ledger is restored, and after. */
const BACKEND_KILLS = 2;
const SIGN_IN_EVERY = 10;

/** Whoever was claimed when everything stood still. */
async function inFlight(stage: Stage): Promise<number> {
  return (await resetItems(stage)).filter(({ state }) => state === "sending").length;
}

/** A part of the answers is lost, of mails and of passwords that are set. */
function loseAnswers({ workos }: Stage): void {
  for (const effect of [
    { kind: "status_after_effect", status: 502 },
    { kind: "reset_after_effect" },
  ] as const) {
    for (const after of [20, 60, 100, 140])
      workos.faults.add({ match: { operation: "createPasswordReset", after }, times: 2, effect });
    workos.faults.add({ match: { operation: "updateUser", after: 20 }, times: 2, effect });
  }
}

test("killed PostgreSQL backends and a ledger restored half-way mail nobody twice", {
  timeout: LONG_TEST_MS,
}, async () => {
  const seed = randomInt(1_000_000);
  console.log(`seed of the kills: ${seed}`);
  const random = createRandom(seed);
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const { url, backUp, restore } = await ledgerDatabase(server.url);
  const made = makePool({ users: USERS, seed: 8, poolId: freshPoolId("pgmails") });
  const pool = { ...withPasswords(made, 8), clients: [passwordClient()] };
  const stage = await setStage({
    pool,
    ledgerUrl: url,
    workos: { latencyMs: 30 },
    file: {
      pace: FAST_PACE,
      passwordResets: {
        send: true,
        perSecond: MAILS_PER_SECOND,
        canary: 3,
        unverified: "skip",
        acceptMfaLoss: true,
      },
    },
  });
  let worker = stage.startWorker();
  const run = await stage.start();
  // A query fails where the machine is so busy that no worker answers in time.
  const isWaiting = () =>
    progressOf(run).then(
      ({ state }) => state === "Waiting",
      () => false,
    );
  await until("the run waits", isWaiting, LONG_TEST_MS);
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  loseAnswers(stage);
  const people = whoCanSignIn(pool.users).filter((_, index) => index % SIGN_IN_EVERY === 0);
  const half = Math.floor(people.length / 2);
  const crowds: Crowd[] = [];
  let mayBeLost = 0;
  const goneOn = async (mails = 10) => {
    const before = mailsSent(stage);
    await until("mails go on", () => mailsSent(stage) > before + mails, 120_000);
  };
  const killBackends = async (crowdOf: readonly (typeof people)[number][]) => {
    const bridge = await startStageBridge(stage);
    const crowd = new Crowd(crowdOf, Promise.resolve(bridge));
    crowds.push(crowd);
    for (let kill = 0; kill < BACKEND_KILLS; kill += 1) {
      await goneOn();
      await sleep(random.int(800));
      await until("a backend is killed", () => killBackend(url, (among) => random.int(among)));
      mayBeLost += MAILS_PER_SECOND;
    }
    await goneOn();
    // Who moves between a back-up and its restoring is forgotten.
    await crowd.goHome();
    await bridge.kill();
  };
  const killWorker = async () => {
    await worker.end("SIGKILL");
    await until("everything stands still", () => stage.withLedger(async () => true).catch(() => false));
    mayBeLost += await inFlight(stage);
  };

  await killBackends(people.slice(0, half));
  await killWorker();
  await backUp();
  worker = stage.startWorker();
  await goneOn(50);
  await killWorker();
  const atRestore = mailsSent(stage);
  await restore();
  worker = stage.startWorker();
  await killBackends(people.slice(half));
  await auditRun(stage, await run.result());

  const { resetMails } = stage.workos.state();
  expect(Object.entries(resetMails).filter(([, times]) => times > 1)).toEqual([]);
  expect(mailedAfterMove(stage)).toEqual([]);
  const items = await resetItems(stage);
  const unsettled = items.filter(({ code }) => code === "unsettled");
  expect(unsettled.length).toBeLessThanOrEqual(mayBeLost);
  const known = await stage.withLedger((ledger) =>
    ledger.read(async (db) => {
      const [migration] = await migrationsOfPool(db, pool.poolId);
      if (migration === undefined) throw new Error("There is no migration.");
      const subs = unsettled.map(({ sub }) => sub);
      const states = await resetStatesOf(db, runOf(migration), subs);
      return subs.map((sub) => states.get(sub));
    }),
  );
  expect(known.map((one) => one?.mail)).toEqual(unsettled.map(() => "unsettled"));
  // Nobody who was mailed is told to be open, and nobody else to be mailed.
  const subOf = (userId: string) => stage.workos.users.get(userId)?.external_id ?? "";
  const done = new Set(items.filter(({ state }) => state === "done").map(({ sub }) => sub));
  const mailed = Object.keys(resetMails).map(subOf);
  const lost = new Set(unsettled.map(({ sub }) => sub));
  expect(mailed.filter((sub) => !done.has(sub) && !lost.has(sub))).toEqual([]);
  expect(done.size).toBeLessThanOrEqual(mailed.length);
  recordFigures("SIGKILL of PostgreSQL backends in the reset campaign, its ledger restored half-way", {
    users: USERS,
    mails: mailsSent(stage),
    mailsBeforeTheRestore: atRestore,
    backendsKilled: 2 * BACKEND_KILLS,
    mailedTwice: 0,
    movedOverTheBridge: crowds.reduce((sum, { movedOver }) => sum + movedOver.length, 0),
    mailedAfterTheMove: 0,
    unsettled: unsettled.length,
  });
});
