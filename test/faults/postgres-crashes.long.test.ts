// long
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { setPaceUpdate } from "../../src/workflows/messages.ts";
import { createRandom } from "../doubles/pool/random.ts";
import { startPostgres } from "../setup/postgres-server.ts";
import { auditRun } from "./audit.ts";
import { recordFigures } from "./figures.ts";
import { killBackend } from "./kill-backend.ts";
import { creates, FAST_PACE, setStage } from "./stage.ts";
import { until } from "./until.ts";
import { timeFor } from "./worker-process.ts";

const LONG_TEST_MS = 300_000;
const BACK_WITHIN_MS = 8_000;

test("ten killed PostgreSQL backends lose and double nobody", { timeout: LONG_TEST_MS }, async () => {
  const seed = randomInt(1_000_000);
  console.log(`seed of the kills: ${seed}`);
  const random = createRandom(seed);
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const users = 1_000;
  const stage = await setStage({
    users,
    plain: true,
    ledgerUrl: postgres.url,
    file: { pace: { ...FAST_PACE, writesPerSecond: 40 } },
  });
  const worker = stage.startWorker();
  const run = await stage.start();
  const backAfterMs: number[] = [];
  for (let kill = 0; kill < 10; kill += 1) {
    const seen = creates(stage.workos).length;
    await until("users arrive", () => creates(stage.workos).length > seen + 5);
    await sleep(random.int(1_000));
    await until("a backend is killed", () => killBackend(postgres.url, (among) => random.int(among)));
    const killedAtMs = Date.now();
    await until("the server answers again", () => stage.withLedger(async () => true).catch(() => false));
    const before = creates(stage.workos).length;
    await until("imports go on", () => creates(stage.workos).length > before);
    backAfterMs.push((creates(stage.workos)[before]?.atMs ?? 0) - killedAtMs);
  }
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
  expect(stage.workos.users.size).toBe(users);
  expect(Math.max(...backAfterMs)).toBeLessThan(await timeFor(BACK_WITHIN_MS, worker));
  expect(await worker.end("SIGTERM")).toBe(0);
  recordFigures("SIGKILL of a PostgreSQL backend at 10 random moments", {
    users,
    imported: users,
    repeatedCalls: creates(stage.workos).length - users,
    longestPauseMs: Math.max(...backAfterMs),
  });
});
