import { randomInt } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import { createRandom } from "../doubles/pool/random.ts";
import { auditRun } from "./audit.ts";
import { recordFigures } from "./figures.ts";
import { FAST_PACE, progressOf, type Stage, setStage } from "./stage.ts";
import { stopBetweenTransactions } from "./stop-worker.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 500_000;
const KILLS = 10;
const USERS = 2_400;

function resetItems(stage: Stage) {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    return ledger.read((db) =>
      db
        .selectFrom("work_items")
        .select(["sub", "state", "code", "destination_id as resetId"])
        .where("migration_id", "=", migration?.id ?? 0)
        .where("phase", "=", "resets")
        .execute(),
    );
  });
}

function mailsSent({ workos }: Stage): number {
  return Object.values(workos.state().resetMails).reduce((sum, times) => sum + times, 0);
}

async function inFlight(stage: Stage): Promise<number> {
  return (await resetItems(stage)).filter(({ state }) => state === "sending").length;
}

test("ten kills, a frozen worker and lost answers mail nobody twice", { timeout: LONG_TEST_MS }, async () => {
  const seed = randomInt(1_000_000);
  console.log(`seed of the kills: ${seed}`);
  const random = createRandom(seed);
  const pool = makePool({ users: USERS, seed: 8, poolId: `eu-west-1_mails${process.pid}` });
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
  }
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
  expect(items.filter(({ state, code }) => state !== "done" && code !== "unsettled")).toEqual([]);
  recordFigures("SIGKILL at 10 random moments of the reset campaign, SIGSTOP, lost answers", {
    users: USERS,
    mails: mailsSent(stage),
    mailedTwice: 0,
    unsettled: unsettled.length,
    inFlightAtTheKills: heldAtTheKills,
  });
});
