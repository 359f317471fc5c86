import { hostname } from "node:os";
import { join } from "node:path";
import { DefaultLogger, NativeConnection, Runtime } from "@temporalio/worker";
import { expect, onTestFinished, test } from "vitest";
import { openLedger } from "../../src/ledger/ledger.ts";
import { readSettings } from "../../src/settings.ts";
import { createWorker } from "../../src/temporal/create-worker.ts";
import { createDeps } from "../../src/temporal/deps.ts";
import { createOrchestration } from "../../src/temporal/orchestration.ts";
import { pauseUpdate, resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import { startWorkosDouble } from "../doubles/workos/double.ts";
import { auditRun } from "../faults/audit.ts";
import { creates, FAST_PACE, progressOf, type Run, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";

Runtime.install({ logger: new DefaultLogger("ERROR") });

const LONG_TEST_MS = 120_000;
/** Batches of six: the next one is soon anybody's. */
const SMALL_BATCHES = { ...FAST_PACE, writesPerSecond: 0.1 };

function parked(run: Run) {
  return until("the run parks", async () => {
    const { state, waitsFor } = await progressOf(run);
    return state === "Blocked" ? waitsFor : null;
  });
}

/** In this process, past the look at the queue that a worker begins with: as if both had begun at one moment. */
async function startWorkerHere(
  stage: Stage,
  ledgerUrl: string,
): Promise<{ stop(): Promise<void>; ledgerId: string }> {
  const address = stage.environment.TEMPORAL_ADDRESS ?? "";
  const settings = readSettings(stage.environment);
  if (!settings.ok) throw new Error(settings.sentence);
  const ledger = await openLedger(ledgerUrl);
  const connection = await NativeConnection.connect({ address });
  const target = { address, namespace: "default", options: { address } };
  const deps = await createDeps(settings.value, ledger, createOrchestration(connection, target));
  const worker = await createWorker(connection, "default", stage.taskQueue, deps);
  const ended = worker.run();
  const stop = async () => {
    if (worker.getState() === "RUNNING") worker.shutdown();
    await ended;
  };
  onTestFinished(async () => {
    await stop();
    await connection.close();
    await ledger.close();
  });
  return { stop, ledgerId: ledger.id };
}

test("a worker of another environment does nothing, and the run parks naming it", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ users: 300, plain: true, file: { pace: SMALL_BATCHES } });
  const staging = await startWorkosDouble({ options: { limitScale: 100 } });
  onTestFinished(() => staging.close());
  stage.startWorker();
  const run = await stage.start();
  await run.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 30 }] });
  await until("users arrive", () => creates(stage.workos).length > 20);
  const foreign = stage.startWorker({
    WORKOS_API_URL: staging.url,
    WORKOS_API_KEY: staging.key,
    WORKOS_CLIENT_ID: "client_staging",
  });
  const waits = await parked(run);
  expect(waits.code).toBe("foreign_worker");
  expect(waits.sentence).toContain(`${foreign.pid}@${hostname()}`);
  expect(waits.sentence).toContain("workos=client_staging");
  expect(waits.sentence).toContain(`workos=${stage.workos.clientId}`);
  await foreign.end("SIGTERM");
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await auditRun(stage, await run.result());
  expect(staging.users.size).toBe(0);
  expect(creates(stage.workos)).toHaveLength(300);
});

test("a worker of another ledger does nothing, and the run parks naming it", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ users: 200, plain: true, file: { pace: SMALL_BATCHES } });
  const own = stage.startWorker();
  const run = await stage.start();
  await run.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 20 }] });
  await until("users arrive", () => creates(stage.workos).length > 5);
  await run.executeUpdate(pauseUpdate);
  await own.end("SIGTERM");
  const foreign = await startWorkerHere(stage, `sqlite:${join(stage.folder, "other.db")}`);
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  const waits = await parked(run);
  expect(waits.code).toBe("foreign_worker");
  expect(waits.sentence).toContain(`${process.pid}@${hostname()} ledger=${foreign.ledgerId}`);
  const before = creates(stage.workos).length;
  await foreign.stop();
  await startWorkerHere(stage, stage.ledgerUrl);
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await until("imports go on", () => creates(stage.workos).length > before);
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
});

test("a worker that comes later with a key of another environment brings nobody there", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ users: 200, plain: true, file: { pace: SMALL_BATCHES } });
  const staging = await startWorkosDouble({ options: { limitScale: 100, key: "sk_test_staging" } });
  onTestFinished(() => staging.close());
  // The client id of the settings is not that of this environment.
  staging.faults.add({
    match: { operation: "exchangeCode" },
    times: 10,
    effect: { kind: "status", status: 400, body: { error: "invalid_client" } },
  });
  const first = stage.startWorker();
  const run = await stage.start();
  await run.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 20 }] });
  await until("users arrive", () => creates(stage.workos).length > 5);
  await run.executeUpdate(pauseUpdate);
  await first.end("SIGTERM");
  const wrong = stage.startWorker({ WORKOS_API_URL: staging.url, WORKOS_API_KEY: "sk_test_staging" });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  const waits = await parked(run);
  expect(waits.code).toBe("access_lost_destination");
  expect(waits.sentence).toContain("client_id_of_another_environment");
  expect(staging.users.size).toBe(0);
  await wrong.end("SIGTERM");
  stage.startWorker();
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await auditRun(stage, await run.result());
});

test("a worker that cannot serve the file's destination is named, and the right one goes on", async () => {
  const workerEntry = join(import.meta.dirname, "../faults/many-worker.ts");
  const stage = await setStage({ users: 20, plain: true, workerEntry });
  const without = stage.startWorker({ WORKOS_API_KEY: "", BULK_URL: "http://127.0.0.1:4300" });
  const run = await stage.start();
  const waits = await parked(run);
  expect(waits.code).toBe("configuration");
  expect(waits.sentence).toContain(`${without.pid}@${hostname()}`);
  await without.end("SIGTERM");
  stage.startWorker();
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await auditRun(stage, await run.result());
});
