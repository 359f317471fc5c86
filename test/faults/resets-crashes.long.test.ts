import { randomInt } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import { passwordClient, withPasswords } from "../doubles/pool/passwords.ts";
import { createRandom } from "../doubles/pool/random.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { auditRun } from "./audit.ts";
import { Crowd, mailedAfterMove, mailsSent, whoCanSignIn } from "./campaign-crowd.ts";
import { recordFigures } from "./figures.ts";
import { resetItems } from "./reset-items.ts";
import { FAST_PACE, progressOf, type Stage, setStage } from "./stage.ts";
import { startStageBridge } from "./stage-bridge.ts";
import { stopBetweenTransactions } from "./stop-worker.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 900_000;
const KILLS = 10;
const USERS = 2_600;
/** One in so many of those who can signs in over the bridge meanwhile. */
const SIGN_IN_EVERY = 10;

async function inFlight(stage: Stage): Promise<number> {
  return (await resetItems(stage)).filter(({ state }) => state === "sending").length;
}

test("ten kills, a frozen worker and lost answers mail nobody twice", { timeout: LONG_TEST_MS }, async () => {
  const seed = randomInt(1_000_000);
  console.log(`seed of the kills: ${seed}`);
  const random = createRandom(seed);
  const made = makePool({ users: USERS, seed: 8, poolId: freshPoolId("mails") });
  const pool = { ...withPasswords(made, 8), clients: [passwordClient()] };
  const stage = await setStage({
    pool,
    workos: { latencyMs: 30 },
    file: {
      pace: FAST_PACE,
      passwordResets: { send: true, perSecond: 50, canary: 3, unverified: "skip", acceptMfaLoss: true },
    },
  });
  let worker = stage.startWorker();
  const run = await stage.start();
  await until(
    "the run waits for an approval",
    async () => (await progressOf(run)).state === "Waiting",
    120_000,
  );
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  for (const after of [40, 200, 600])
    stage.workos.faults.add(
      {
        match: { operation: "createPasswordReset", after },
        times: 2,
        effect: { kind: "status_after_effect", status: 502 },
      },
      {
        match: { operation: "createPasswordReset", after },
        times: 1,
        effect: { kind: "reset_after_effect" },
      },
    );
  for (const effect of [
    { kind: "status_after_effect", status: 502 },
    { kind: "reset_after_effect" },
  ] as const)
    stage.workos.faults.add({ match: { operation: "updateUser", after: 20 }, times: 2, effect });
  const crowd = new Crowd(
    whoCanSignIn(pool.users).filter((_, index) => index % SIGN_IN_EVERY === 0),
    startStageBridge(stage),
  );
  let heldAtTheKills = 0;
  const goneOn = async () => {
    const before = mailsSent(stage);
    await until("mails go on", () => mailsSent(stage) > before + 10, 120_000);
  };
  for (let kill = 0; kill < KILLS; kill += 1) {
    await goneOn();
    await sleep(random.int(800));
    await worker.end("SIGKILL");
    heldAtTheKills += await inFlight(stage);
    worker = stage.startWorker();
    if (kill % 3 !== 0) continue;
    crowd.bridge = crowd.bridge.then(async (bridge) => {
      await bridge.kill();
      return startStageBridge(stage);
    });
  }
  // A worker that is frozen between its last look and the mail cannot know who signs in meanwhile.
  await crowd.goHome();
  await goneOn();
  await stopBetweenTransactions(worker, join(stage.folder, "ledger.db"));
  heldAtTheKills += await inFlight(stage);
  stage.startWorker();
  await goneOn();
  worker.signal("SIGCONT");
  await auditRun(stage, await run.result());

  const { resetMails } = stage.workos.state();
  expect(Object.entries(resetMails).filter(([, times]) => times > 1)).toEqual([]);
  const users = new Map(pool.users.map((user) => [user.sub, user]));
  for (const userId of Object.keys(resetMails)) {
    const user = users.get(stage.workos.users.get(userId)?.external_id ?? "");
    expect(user?.status).not.toBe("EXTERNAL_PROVIDER");
    expect(user?.attributes.email_verified).toBe("true");
    expect(user?.enabled).toBe(true);
  }
  const items = await resetItems(stage);
  const unsettled = items.filter(({ code }) => code === "unsettled");
  expect(unsettled.length).toBeLessThanOrEqual(heldAtTheKills);
  expect(items.filter(({ state }) => state === "done")).toHaveLength(mailsSent(stage));

  expect(crowd.movedOver.length).toBeGreaterThan(20);
  expect(mailedAfterMove(stage)).toEqual([]);
  const others = items.filter(({ state, code }) => state !== "done" && code !== "unsettled");
  const subsOf = (wanted: string) => others.filter(({ code }) => code === wanted).map(({ sub }) => sub);
  const [moved, inDoubt] = [subsOf("moved_by_bridge"), subsOf("password_in_doubt")];
  expect(moved.length + inDoubt.length).toBe(others.length);
  const signedIn = [...crowd.movedOver, ...crowd.left].map(({ sub }) => sub);
  expect(signedIn).toEqual(expect.arrayContaining(moved));
  expect(crowd.left.map(({ sub }) => sub)).toEqual(expect.arrayContaining(inDoubt));
  recordFigures("SIGKILL at 10 random moments of the reset campaign, SIGSTOP, lost answers", {
    users: USERS,
    mails: mailsSent(stage),
    mailedTwice: 0,
    movedOverTheBridge: crowd.movedOver.length,
    mailedAfterTheMove: 0,
    movesInDoubtNotMailed: inDoubt.length,
    unsettled: unsettled.length,
    inFlightAtTheKills: heldAtTheKills,
  });
});
