import { expect, test } from "vitest";
import { resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { auditRun } from "./audit.ts";
import { backUpLedger } from "./restore.ts";
import { creates, FAST_PACE, progressOf, type Run, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";
import { setCredentialsStage } from "./with-credentials.ts";

/** A run that the ledger has forgotten, or given to a later one, does nothing and says so. */

const LONG_TEST_MS = 120_000;
const SLOW = { ...FAST_PACE, writesPerSecond: 20 };

async function parks(run: Run, code: string): Promise<void> {
  await until(`the run waits for ${code}`, async () => {
    const progress = await progressOf(run).catch(() => null);
    return progress?.waitsFor?.code === code;
  });
}

/** What the run's own sentence says: cancel, then start anew. */
async function startAnew(stage: Stage, run: Run): Promise<void> {
  await run.cancel();
  await expect(run.result()).rejects.toThrow();
  const summary = await (await stage.start()).result();
  await auditRun(stage, summary);
  const listed = stage.pool.users.length;
  expect(summary).toMatchObject({ listed, imported: listed, open: 0 });
  expect(stage.workos.users.size).toBe(listed);
}

async function setPoolThatGrew(name: string): Promise<{ stage: Stage; grow: () => void }> {
  const pool = plainPool({ users: 150, poolId: freshPoolId(name) });
  const later = pool.users.splice(100);
  const stage = await setStage({ pool, file: { pace: FAST_PACE } });
  return { stage, grow: () => stage.pool.users.push(...later) };
}

test("a second run on a ledger of the first one's end brings nobody, and the next one everybody", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, grow } = await setPoolThatGrew("grew");
  let worker = stage.startWorker();
  await (await stage.start()).result();
  await worker.end("SIGTERM");
  const restore = backUpLedger(stage);
  grow();
  stage.file.pace = SLOW;
  worker = stage.startWorker();
  const run = await stage.start();
  await until("it imports", () => creates(stage.workos).length >= 110, 60_000);
  await worker.end("SIGKILL");
  restore();
  stage.startWorker();
  stage.file.pace = FAST_PACE;
  await parks(run, "ledger_restored");
  await startAnew(stage, run);
});

test("a run that waited in its plan cannot go on with a ledger that has forgotten it", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, grow } = await setPoolThatGrew("waited");
  let worker = stage.startWorker();
  await (await stage.start()).result();
  await worker.end("SIGTERM");
  const restore = backUpLedger(stage);
  grow();
  stage.file.users = { decisions: { "nobody-known": "skip" } };
  worker = stage.startWorker();
  const run = await stage.start();
  await parks(run, "people_unknown");
  await worker.end("SIGKILL");
  restore();
  stage.startWorker();
  await run.executeUpdate(resumeUpdate, { args: [{ accept: ["people_unknown"] }] });
  await parks(run, "ledger_restored");
  delete stage.file.users;
  await startAnew(stage, run);
});

test("a first run on a ledger of before its snapshot brings nobody, and the next one everybody", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({
    users: 100,
    plain: true,
    file: { pace: { ...SLOW, pagesPerSecond: 1 } },
  });
  let worker = stage.startWorker();
  const run = await stage.start();
  await until("its snapshot begins", async () => {
    const progress = await progressOf(run).catch(() => null);
    return progress?.phase === "credentials" || progress?.phase === "snapshot";
  });
  await worker.end("SIGKILL");
  const restore = backUpLedger(stage);
  worker = stage.startWorker();
  await until("it imports", () => creates(stage.workos).length >= 10, 60_000);
  await worker.end("SIGKILL");
  restore();
  stage.startWorker();
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await parks(run, "ledger_restored");
  stage.file.pace = FAST_PACE;
  await startAnew(stage, run);
});

test("a ledger of before the assessment opens no gate: it knows no provider to wait for", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("unread") });
  // The assessment comes so far and no farther.
  stage.cognito.faults.add({ match: { operation: "ListGroups" }, times: 1, effect: { kind: "hang" } });
  let worker = stage.startWorker();
  const run = await stage.start();
  await until("the assessment waits", () =>
    stage.cognito.journal.entries.some(({ operation }) => operation === "ListGroups"),
  );
  await worker.end("SIGKILL");
  const restore = backUpLedger(stage);
  stage.cognito.faults.clear();
  worker = stage.startWorker();
  await until("the gate is shut", async () => {
    const progress = await progressOf(run).catch(() => null);
    return progress?.state === "Waiting" && progress.missingProviders.length > 0;
  });
  await worker.end("SIGKILL");
  restore();
  stage.startWorker();
  await parks(run, "ledger_restored");
  expect(creates(stage.workos)).toEqual([]);
  await run.terminate();
});

/** As the Temporal UI does it: the run goes on from there, as another execution. `share` is of its history. */
async function resetRun({ client, workflowId }: Stage, runId: string, share: number): Promise<Run> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const tasks = (history.events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  const task = tasks[Math.max(1, Math.floor(tasks.length * share))];
  if (task?.eventId == null) throw new Error("The history has no such task.");
  const reset = await client.workflowService.resetWorkflowExecution({
    namespace: "default",
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: task.eventId,
    requestId: `reset-${runId}`,
    reason: "by hand",
  });
  return client.workflow.getHandle(workflowId, reset.runId);
}

test.each([
  ["its assessment", 0],
  ["its middle", 0.5],
])(
  "an earlier run that is reset to %s stops, and leaves the newest one's books alone",
  {
    timeout: LONG_TEST_MS,
  },
  async (_, share) => {
    const { stage, grow } = await setPoolThatGrew("reset");
    stage.startWorker();
    const first = await stage.start();
    await first.result();
    const { runId } = await first.describe();
    grow();
    await (await stage.start()).result();
    const books = () =>
      stage.withLedger((ledger) =>
        ledger.read(async (db) => [
          await db.selectFrom("cursors").selectAll().orderBy("name").execute(),
          await db.selectFrom("source_users").select(["sub", "generation"]).orderBy("sub").execute(),
          await db.selectFrom("plan").selectAll().orderBy("sub").execute(),
        ]),
      );
    const before = await books();
    const again = await resetRun(stage, runId, share);
    await parks(again, "run_overtaken");
    expect(await books()).toEqual(before);
    await startAnew(stage, again);
  },
);
