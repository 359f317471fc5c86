import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { historyFromJSON, historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { Worker } from "@temporalio/worker";
import { expect, test } from "vitest";
import { workflowBundle } from "../../src/temporal/workflow-bundle.ts";
import {
  pauseUpdate,
  resumeUpdate,
  setPaceUpdate,
  skipProviderUpdate,
} from "../../src/workflows/messages.ts";
import { creates, FAST_PACE, progressOf, type Run, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { enterInDashboard, setCredentialsStage } from "../faults/with-credentials.ts";

const HISTORIES = join(import.meta.dirname, "histories");
const recorded = existsSync(HISTORIES) ? readdirSync(HISTORIES).filter((name) => name.endsWith(".json")) : [];

/** Runs that began before a change of the workflow must go on after it. */
test.each(recorded)("the recorded history %s replays", async (name) => {
  const history = historyFromJSON(JSON.parse(readFileSync(join(HISTORIES, name), "utf8")));
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);
});

test("there are recorded histories", () => {
  expect(recorded.length).toBeGreaterThan(0);
});

/** With RECORD_HISTORY=<name> the history is kept beside the others. */
test("a steered run with a parked phase replays", { timeout: 120_000 }, async () => {
  const stage = await setStage({ users: 300, file: { pace: { ...FAST_PACE, writesPerSecond: 60 } } });
  const worker = stage.startWorker();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 20);
  await run.executeUpdate(pauseUpdate);
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await worker.end("SIGKILL");
  stage.startWorker();
  stage.workos.setOptions({ forbidden: true });
  await until("the run parks", async () => (await progressOf(run)).waitsFor);
  stage.workos.setOptions({ forbidden: false });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await run.result();
  await replay(run, process.env.RECORD_HISTORY);
});

/** With RECORD_GATE_HISTORY=<name> the history is kept beside the others. */
test("a run that waits at the gate replays", { timeout: 120_000 }, async () => {
  const stage = await setCredentialsStage({ poolId: `eu-west-1_replay${process.pid}` });
  const worker = stage.startWorker();
  const run = await stage.start();
  const missing = async (count: number) =>
    until(`${count} are missing`, async () => (await progressOf(run)).missingProviders.length === count);
  await missing(2);
  await run.executeUpdate(pauseUpdate);
  await worker.end("SIGKILL");
  stage.startWorker();
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  enterInDashboard(stage, "Google");
  await missing(1);
  const skipped = { name: "SignInWithApple", reason: "nobody uses it" };
  await run.executeUpdate(skipProviderUpdate, { args: [skipped] });
  await run.result();
  await replay(run, process.env.RECORD_GATE_HISTORY);
});

async function replay(run: Run, keepAs: string | undefined): Promise<void> {
  const history = await run.fetchHistory();
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);
  if (keepAs !== undefined)
    writeFileSync(join(HISTORIES, `${keepAs}.json`), withoutMachines(historyToJSON(history)));
}

/** Identities are `<pid>@<host>`: of no use to a replay, and nobody's business. */
function withoutMachines(history: string): string {
  return history.replaceAll(/"[^"@\s]+@[^"@\s]+"/g, '"a-worker"');
}
