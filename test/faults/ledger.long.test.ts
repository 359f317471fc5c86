import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { auditRun } from "./audit.ts";
import { recordFigures } from "./figures.ts";
import { creates, FAST_PACE, progressOf, setStage } from "./stage.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 120_000;
const LOCKED_MS = 10_000;

test("a ledger locked for ten seconds delays, nothing more", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({
    users: 500,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 60 } },
  });
  stage.startWorker();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 40);
  const other = new DatabaseSync(join(stage.folder, "ledger.db"), { timeout: 5_000 });
  other.exec("begin immediate");
  await sleep(LOCKED_MS);
  other.exec("rollback");
  other.close();
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
  expect(creates(stage.workos)).toHaveLength(500);
  recordFigures("the ledger locked for 10 s", { users: 500, imported: 500, repeatedCalls: 0 });
});

test("a full ledger parks the run and loses nothing", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ users: 800, plain: true });
  // Room for the schema and a part of the pool.
  const cramped = stage.startWorker({ SPILLWAY_LEDGER: `${stage.ledgerUrl}?max_page_count=150` });
  const run = await stage.start();
  const waits = await until("the run parks", async () => (await progressOf(run)).waitsFor);
  expect(waits.code).toBe("ledger_full");
  expect(waits.sentence).not.toContain("@");
  await cramped.end("SIGTERM");
  stage.startWorker();
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await auditRun(stage, await run.result());
  recordFigures("the ledger full: parks, resume goes on", { users: 800, imported: 800 });
});

test("a run on PostgreSQL outlives its worker", { timeout: LONG_TEST_MS }, async () => {
  const ledgerUrl = await freshPostgresDatabase();
  const stage = await setStage({
    users: 600,
    ledgerUrl,
    file: { pace: { ...FAST_PACE, writesPerSecond: 80 } },
  });
  const worker = stage.startWorker();
  const second = stage.startWorker();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 60);
  await worker.end("SIGKILL");
  const before = creates(stage.workos).length;
  await until("imports go on", () => creates(stage.workos).length > before + 20);
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
  await second.end("SIGTERM");
});
