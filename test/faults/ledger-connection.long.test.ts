import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { setPaceUpdate } from "../../src/workflows/messages.ts";
import { startBridgeProcess } from "../bridge/bridge-process.ts";
import { SECRET } from "../bridge/rig.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { passwordClient } from "../doubles/pool/passwords.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { startTcpGate } from "../setup/tcp-gate.ts";
import { auditRun } from "./audit.ts";
import { recordFigures } from "./figures.ts";
import { creates, FAST_PACE, setStage } from "./stage.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 240_000;
const SILENT_MS = 20_000;
const GOES_ON_WITHIN_MS = 60_000;
const SLOW_PACE = { ...FAST_PACE, writesPerSecond: 40 };
const MORTAL_THREAD = { NODE_OPTIONS: `--import=${import.meta.resolve("./mortal-thread.ts")}` };

test("a run goes on by itself after its PostgreSQL fell silent", { timeout: LONG_TEST_MS }, async () => {
  const url = await freshPostgresDatabase();
  const gate = await startTcpGate(url);
  const users = 600;
  const stage = await setStage({ users, plain: true, ledgerUrl: url, file: { pace: SLOW_PACE } });
  stage.startWorker({ SPILLWAY_LEDGER: gate.url });
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 50);
  gate.silence();
  await sleep(SILENT_MS);
  const before = creates(stage.workos).length;
  expect(before).toBeLessThan(users);
  gate.open();
  const openedAtMs = Date.now();
  await until("imports go on", () => creates(stage.workos).length > before, 2 * GOES_ON_WITHIN_MS);
  const goesOnAfterMs = Date.now() - openedAtMs;
  expect(goesOnAfterMs).toBeLessThan(GOES_ON_WITHIN_MS);
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
  expect(stage.workos.users.size).toBe(users);
  recordFigures("PostgreSQL silent for 20 s", { users, imported: users, goesOnAfterMs });
});

test("a worker whose ledger's thread dies ends, and the next one goes on", {
  timeout: LONG_TEST_MS,
}, async () => {
  const users = 300;
  const stage = await setStage({ users, plain: true, file: { pace: SLOW_PACE } });
  const worker = stage.startWorker(MORTAL_THREAD);
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 20);
  expect(await worker.end("SIGUSR2")).toBe(1);
  expect(worker.output().match(/The ledger's thread ended; start the program again\.\n/g)).toHaveLength(1);
  stage.startWorker();
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
});

test("a bridge whose ledger's thread dies ends", async () => {
  const poolId = freshPoolId("mortal");
  const client = passwordClient();
  const stage = await setStage({ pool: { ...plainPool({ users: 10, poolId }), clients: [client] } });
  const bridge = await startBridgeProcess({
    ...stage.environment,
    ...MORTAL_THREAD,
    SPILLWAY_BRIDGE_SECRETS: SECRET,
    SPILLWAY_BRIDGE_USER_POOL: poolId,
    SPILLWAY_BRIDGE_CLIENT_ID: client.id,
  });
  bridge.signal("SIGUSR2");
  const { code, errors } = await bridge.exited();
  expect(code).toBe(1);
  expect(errors).toBe("The ledger's thread ended; start the program again.\n");
});
