import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkflowHandle } from "@temporalio/client";
import { historyFromJSON, historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { Worker } from "@temporalio/worker";
import { expect, onTestFinished, test } from "vitest";
import type { Activities } from "../../src/activities/create-activities.ts";
import { blocked, tooManyFailures } from "../../src/domain/blocked.ts";
import type { MissingProvider, PhaseTotals } from "../../src/domain/contract.ts";
import { PHASES } from "../../src/domain/phases.ts";
import { workflowBundle } from "../../src/temporal/workflow-bundle.ts";
import {
  approveUpdate,
  pauseUpdate,
  resumeUpdate,
  setPaceUpdate,
  skipProviderUpdate,
} from "../../src/workflows/messages.ts";
import { until } from "../faults/until.ts";
import { freePort } from "../setup/free-port.ts";
import { startTemporal } from "../setup/temporal-server.ts";
import { type FakeRun, StandStill, startFakeRun } from "./fake-run.ts";
import { NOBODY_FIRST, OPENED, TOTALS } from "./opened.ts";

const HISTORIES = join(import.meta.dirname, "histories");
mkdirSync(HISTORIES, { recursive: true });
const recorded = readdirSync(HISTORIES).filter((name) => name.endsWith(".json"));

/** Runs that began before a change of the workflow must go on after it. */
test.each(recorded)("the recorded history %s replays", async (name) => {
  const history = historyFromJSON(JSON.parse(readFileSync(join(HISTORIES, name), "utf8")));
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);
});

test("every phase, the gate, pauses, parking and continue-as-new have been recorded", () => {
  const text = recorded.map((name) => readFileSync(join(HISTORIES, name), "utf8")).join("\n");
  const calls = ["sendBatch", "sendResets", "awaitProviders", "prepareResume", "alert", "setPace"];
  const names = [...calls, "close", "disown"];
  const updates = ["pause", "resume", "approve", "skipProvider", "setPace"];
  const ends = ["COMPLETED", "FAILED", "CANCELED", "CONTINUED_AS_NEW"].map(
    (end) => `EVENT_TYPE_WORKFLOW_EXECUTION_${end}`,
  );
  for (const word of [...names, ...updates, ...ends]) expect(text).toContain(`"${word}"`);
  const shown = [...text.matchAll(/"MigrationPhase": \{[\s\S]*?"data": "([^"]+)"/g)].map((match) =>
    JSON.parse(Buffer.from(match[1] ?? "", "base64").toString("utf8")),
  );
  expect(new Set(shown)).toEqual(new Set(PHASES));
});

const BATCHES = 6;
const BATCH_SIZE = 10;

/** A ledger with some batches of work in each phase that is sent in batches. */
function batches(count = BATCHES): Pick<Activities, "findOpenWork" | "sendBatch"> {
  const sent = new Map<string, number>();
  const totals = (phase: string): PhaseTotals => ({
    ...TOTALS,
    done: (sent.get(phase) ?? 0) * BATCH_SIZE,
    of: count * BATCH_SIZE,
  });
  return {
    async findOpenWork({ phase, from }) {
      const all = Array.from({ length: count }, (_, index) => index * BATCH_SIZE + 1);
      const open = (sent.get(phase) ?? 0) >= count ? [] : all.filter((first) => first >= from);
      const ranges = open.slice(0, 100).map((first) => ({ from: first, to: first + BATCH_SIZE - 1 }));
      return { status: "work", ranges, totals: totals(phase) };
    },
    async sendBatch({ phase }) {
      sent.set(phase, (sent.get(phase) ?? 0) + 1);
      return { status: "complete", totals: totals(phase) };
    },
  };
}

/** Two providers are missing; the second is right as soon as the first was skipped. */
function gate(): Pick<Activities, "awaitProviders"> {
  const provider = (name: string): MissingProvider => ({
    name,
    fault: "not_configured",
    advice: "Set it up.",
  });
  return {
    async awaitProviders({ skipped, missing }) {
      const isNew = missing === null;
      if (!isNew && skipped.length === 0) await new StandStill().stand();
      return {
        status: "gate",
        missing: isNew ? [provider("Google"), provider("Apple")] : [],
        totals: TOTALS,
      };
    },
  };
}

/** A canary, an approval, a shut window, and a quota. */
function campaign(): Pick<Activities, "nextResets" | "sendResets"> {
  let looks = 0;
  let mails = 0;
  return {
    async nextResets({ approved }) {
      if (mails === 0)
        return { status: "send", from: 1, to: 3, dueByMs: 1, ahead: 3, isCanary: true, totals: TOTALS };
      if (!approved) return { status: "approval", totals: TOTALS, ...NOBODY_FIRST };
      looks += 1;
      if (looks === 1)
        return { status: "wait", forMs: 3_600_000, why: "The send window is shut.", totals: TOTALS };
      if (mails === 1)
        return { status: "send", from: 4, to: 9, dueByMs: 1, ahead: 6, isCanary: false, totals: TOTALS };
      return { status: "complete", totals: TOTALS };
    },
    async sendResets() {
      mails += 1;
      return { status: "sent", totals: TOTALS, waitMs: mails === 2 ? 50 : 0, why: "No more today." };
    },
  };
}

function resume({ handle }: FakeRun, accept: string[] = []) {
  return handle.executeUpdate(resumeUpdate, { args: [{ accept }] });
}

test("a run through every phase replays", async () => {
  const run = await startFakeRun({ ...batches(), ...gate(), ...campaign() });
  await run.shows("Waiting", "providers");
  await until("it looks once more", () => run.calls("awaitProviders").length > 1);
  await run.handle.executeUpdate(pauseUpdate);
  await resume(run);
  await until("it looks again", () => run.calls("awaitProviders").length > 2);
  await run.handle.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 20 }] });
  await run.handle.executeUpdate(skipProviderUpdate, { args: [{ name: "Google", reason: "gone" }] });
  await run.shows("Waiting", "approval_resets");
  await run.handle.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await run.shows("Waiting", "clock");
  await resume(run);
  await run.handle.result();
  await replay(run.handle, "every-phase");
});

test("a run that parks and is paused replays", async () => {
  const preparing = new StandStill();
  let opens = 0;
  let prepares = 0;
  let parks = 0;
  const { findOpenWork, sendBatch } = batches();
  const run = await startFakeRun({
    async open() {
      opens += 1;

      return opens === 1 ? blocked("ledger_owned") : { ...OPENED, sendsResets: false };
    },
    findOpenWork,
    async sendBatch(input) {
      if (input.phase === "users" && input.from > BATCH_SIZE && parks < 2) {
        parks += 1;
        return tooManyFailures("email_refused", 11, 50);
      }
      return sendBatch(input);
    },
    async prepareResume() {
      prepares += 1;
      if (prepares === 1) await preparing.stand();
      return { reopened: 11 };
    },
  });
  await run.shows("Blocked", "ledger_owned");
  await resume(run);
  await run.shows("Blocked", "too_many_failures");
  await resume(run);
  await preparing.begun;
  await run.handle.executeUpdate(pauseUpdate);
  await until("the preparing ends", async () => {
    const { raw } = await run.handle.describe();
    return (raw.pendingActivities ?? []).length === 0;
  });
  await resume(run);
  while (parks < 2 || (await run.progress()).state === "Blocked") {
    if ((await run.progress()).state === "Blocked") await resume(run, ["email_refused"]);
    await run.settled();
  }
  await run.handle.result();
  await replay(run.handle, "parked-and-paused");
});

test.each([
  ["undoMigration", "undone"],
  ["verifyMigration", "verified"],
  ["redriveMigration", "redriven"],
] as const)("a run of %s replays", async (workflowType, name) => {
  const run = await startFakeRun({ ...batches() }, {}, undefined, workflowType);
  await run.handle.result();
  await replay(run.handle, name);
});

test("a dry run of a pilot replays, and one that fails", async () => {
  const pilot = await startFakeRun({}, { dryRun: true, isPilot: true });
  await pilot.handle.result();
  await replay(pilot.handle, "dry-pilot");
  const failing = await startFakeRun({ plan: async () => blocked("organization_refused") }, { dryRun: true });
  await failing.handle.result().catch(() => undefined);
  await replay(failing.handle, "dry-run-that-fails");
});

test("a cancelled run replays", async () => {
  const sending = new StandStill();
  const run = await startFakeRun({
    ...batches(),
    sendBatch: () => sending.stand().then(() => ({ status: "complete", totals: TOTALS })),
  });
  await sending.begun;
  await run.handle.cancel();
  await run.handle.result().catch(() => undefined);
  await replay(run.handle, "cancelled-and-disowned");
});

test("a run that continues as new replays, each of its histories", async () => {
  const server = await startTemporal({
    port: await freePort(),
    dynamicConfig: { "limit.historyCount.suggestContinueAsNew": "150" },
  });
  onTestFinished(() => server.stop());
  const run = await startFakeRun({ ...batches(40) }, { sendsResets: false }, server.address);
  const firstRunId = run.handle.firstExecutionRunId;
  await run.handle.result();
  const ids = [firstRunId];
  for (;;) {
    const handle = run.client.workflow.getHandle(run.handle.workflowId, ids.at(-1));
    const { events } = await handle.fetchHistory();
    const next = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    await replay(handle, `continued-${ids.length}`);
    if (next == null) break;
    ids.push(next);
  }
  expect(ids.length).toBeGreaterThan(2);
  // It goes on, as the same owner.
  expect(run.calls("disown")).toEqual([]);
});

/** With RECORD_HISTORIES=1 the histories are kept, in place of the earlier ones. */
async function replay(handle: Pick<WorkflowHandle, "fetchHistory">, name: string): Promise<void> {
  const history = await handle.fetchHistory();
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);
  if (process.env.RECORD_HISTORIES === "1")
    writeFileSync(join(HISTORIES, `${name}.json`), withoutMachines(historyToJSON(history)));
}

/** Identities are `<pid>@<host>`: of no use to a replay, and nobody's business. */
function withoutMachines(history: string): string {
  return history.replaceAll(/"[^"@\s]+@[^"@\s]+( [^"]*)?"/g, '"a-worker"');
}
