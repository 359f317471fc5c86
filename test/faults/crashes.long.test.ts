import { randomInt } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { pauseUpdate, resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import { createRandom } from "../doubles/pool/random.ts";
import { freePort } from "../setup/free-port.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { startTemporal } from "../setup/temporal-server.ts";
import { auditRun } from "./audit.ts";
import { recordFigures } from "./figures.ts";
import { creates, FAST_PACE, progressOf, type Stage, setStage } from "./stage.ts";
import { stopBetweenTransactions } from "./stop-worker.ts";
import { until } from "./until.ts";
import { timeFor, type WorkerProcess } from "./worker-process.ts";

const LONG_TEST_MS = 240_000;
const BACK_WITHIN_MS = 8_000;
const ACTS_WITHIN_MS = 2_000;
const SLOW_PACE = { ...FAST_PACE, writesPerSecond: 40 };

/** Items that a worker held when it died: what may be called again. */
function inFlight(stage: Stage): Promise<number> {
  return stage.withLedger(async (ledger: Ledger) => {
    const rows = await ledger.read((db) =>
      db.selectFrom("work_items").select("ordinal").where("state", "=", "sending").execute(),
    );
    return rows.length;
  });
}

/** Kills the worker, starts another, and waits for its first import: gives what was in flight, and the wait. */
async function crash(stage: Stage, worker: WorkerProcess) {
  await worker.end("SIGKILL");
  const held = await inFlight(stage);
  const before = creates(stage.workos).length;
  const next = stage.startWorker();
  return { next, held, before };
}

test("ten kills at random moments lose and double nobody", { timeout: LONG_TEST_MS }, async () => {
  const seed = randomInt(1_000_000);
  console.log(`seed of the kills: ${seed}`);
  const random = createRandom(seed);
  const backAfterMs: number[] = [];
  const users = 1_500;
  const stage = await setStage({ users, plain: true, file: { pace: { ...FAST_PACE, writesPerSecond: 60 } } });
  let worker = stage.startWorker();
  const run = await stage.start();
  let mayRepeat = 0;
  for (let kill = 0; kill < 10; kill += 1) {
    const seen = creates(stage.workos).length;
    await until("users arrive", () => creates(stage.workos).length > seen);
    await sleep(random.int(1_200));
    const { next, held, before } = await crash(stage, worker);
    worker = next;
    mayRepeat += held;
    await until("imports go on", () => creates(stage.workos).length > before);
    const back = creates(stage.workos)[before];
    const backAfter = (back?.atMs ?? 0) - worker.startedAtMs;
    expect(backAfter).toBeLessThan(await timeFor(BACK_WITHIN_MS, worker));
    backAfterMs.push(backAfter);
  }
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
  expect(stage.workos.users.size).toBe(users);
  const repeatedCalls = creates(stage.workos).length - users;
  expect(repeatedCalls).toBeLessThanOrEqual(mayRepeat);
  recordFigures("SIGKILL of the worker at 10 random moments", {
    users,
    imported: users,
    repeatedCalls,
    inFlightAtTheKills: mayRepeat,
    longestPauseMs: Math.max(...backAfterMs),
  });
});

test("a killed Temporal server costs nobody anything", { timeout: LONG_TEST_MS }, async () => {
  const dbFilename = join(freshFolder(), "temporal.db");
  const port = await freePort();
  const first = await startTemporal({ port, dbFilename });
  const stage = await setStage({
    users: 600,
    plain: true,
    temporalAddress: first.address,
    file: { pace: SLOW_PACE },
  });
  const worker = stage.startWorker();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 50);

  await first.kill("SIGKILL");
  const second = await startTemporal({ port, dbFilename });
  const before = creates(stage.workos).length;
  await until("imports go on", () => creates(stage.workos).length > before + 50);

  await Promise.all([second.kill("SIGKILL"), worker.end("SIGKILL")]);
  const third = await startTemporal({ port, dbFilename });
  const between = creates(stage.workos).length;
  const next = stage.startWorker();
  await until("imports go on after both died", () => creates(stage.workos).length > between);
  expect((creates(stage.workos)[between]?.atMs ?? 0) - next.startedAtMs).toBeLessThan(
    await timeFor(BACK_WITHIN_MS, next),
  );
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
  await next.end("SIGTERM");
  await third.stop();
});

test("a stopped worker that wakes up doubles nothing", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({
    users: 2_500,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 40 } },
  });
  const zombie = stage.startWorker();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 100);
  await stopBetweenTransactions(zombie, join(stage.folder, "ledger.db"));
  const held = await inFlight(stage);
  const before = creates(stage.workos).length;
  const other = stage.startWorker();
  await until("the other one goes on", () => creates(stage.workos).length > before);
  expect((creates(stage.workos)[before]?.atMs ?? 0) - other.startedAtMs).toBeLessThan(
    await timeFor(BACK_WITHIN_MS, other),
  );
  await sleep(30_000 - (Date.now() - other.startedAtMs));
  zombie.signal("SIGCONT");
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
  expect(creates(stage.workos).length - 2_500).toBeLessThanOrEqual(held);
});

test("pause and pace hold across a dead worker", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ users: 800, plain: true, file: { pace: SLOW_PACE } });
  const worker = stage.startWorker();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 40);
  await worker.end("SIGKILL");
  // Both wait at the server until a worker takes them.
  const paused = run.executeUpdate(pauseUpdate);
  const paced = run.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 60 }] });
  const next = stage.startWorker();
  await Promise.all([paused, paced]);
  const heardAtMs = Date.now();
  expect((await progressOf(run)).state).toBe("Paused");
  await sleep(ACTS_WITHIN_MS + 1_000);
  const after = creates(stage.workos).filter((entry) => entry.atMs > heardAtMs + ACTS_WITHIN_MS);
  expect(after).toEqual([]);
  const before = creates(stage.workos).length;
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await until("imports go on", () => creates(stage.workos).length > before);

  await run.executeUpdate(pauseUpdate);
  const answeredAtMs = Date.now();
  await sleep(ACTS_WITHIN_MS);
  const late = creates(stage.workos).filter((entry) => entry.atMs > answeredAtMs + ACTS_WITHIN_MS);
  expect(late).toEqual([]);
  const settled = creates(stage.workos).length;
  await sleep(1_500);
  expect(creates(stage.workos).length).toBe(settled);
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
  expect(await next.end("SIGTERM")).toBe(0);
});

test("a worker that is asked to stop loses no attempt", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ users: 600, plain: true, file: { pace: SLOW_PACE } });
  const worker = stage.startWorker();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 50);
  const other = stage.startWorker();
  await other.ready();
  expect(await worker.end("SIGTERM")).toBe(0);
  const before = creates(stage.workos).length;
  const stoppedAtMs = Date.now();
  await until("the other one goes on", () => creates(stage.workos).length > before);
  // No heartbeat had to time out.
  expect((creates(stage.workos)[before]?.atMs ?? 0) - stoppedAtMs).toBeLessThan(await timeFor(3_000, other));
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
  expect(creates(stage.workos)).toHaveLength(600);
});
