import { Context } from "@temporalio/activity";
import { expect, test } from "vitest";
import { blocked } from "../../src/domain/blocked.ts";
import { pauseUpdate, resumeUpdate } from "../../src/workflows/messages.ts";
import { type FakeRun, startFakeRun } from "./fake-run.ts";
import { TOTALS } from "./opened.ts";

/** Temporal suggests a new history after 4,096 events, and ends a run at 51,200. */

const LONG_TEST_MS = 180_000;
const MAX_EVENTS = 6_000;
const DONE = { status: "complete", totals: TOTALS } as const;

/** Until the run takes it: it may not stand still yet, or go on in a new history at this moment. */
async function tell(update: () => Promise<unknown>): Promise<void> {
  const isTaken = () =>
    update().then(
      () => true,
      () => false,
    );
  while (!(await isTaken()));
}

const resume = ({ handle }: FakeRun) => tell(() => handle.executeUpdate(resumeUpdate, { args: [{}] }));
const pause = ({ handle }: FakeRun) => tell(() => handle.executeUpdate(pauseUpdate));

async function untilNewHistory(run: FakeRun, once: () => Promise<void>): Promise<void> {
  const { client, handle } = run;
  for (;;) {
    await once();
    const { runId, historyLength } = await client.workflow.getHandle(handle.workflowId).describe();
    if (runId !== handle.firstExecutionRunId) return;
    expect(historyLength).toBeLessThan(MAX_EVENTS);
  }
}

test("a run that parks again and again goes on in a new history, and parks there as well", {
  timeout: LONG_TEST_MS,
}, async () => {
  let isMended = false;
  const run = await startFakeRun({
    assess: async () => (isMended ? DONE : blocked("destination_unreachable")),
  });
  await untilNewHistory(run, () => resume(run));
  await run.shows("Blocked", "destination_unreachable");
  expect(run.calls("open")).toHaveLength(1);
  isMended = true;
  await resume(run);
  expect(await run.handle.result()).toMatchObject({ open: 0 });
});

test("a run that is paused again and again goes on in a new history", { timeout: LONG_TEST_MS }, async () => {
  let isMended = false;
  const run = await startFakeRun({
    assess: async () => (isMended ? DONE : Context.current().cancelled),
  });
  const interrupt = async () => {
    await pause(run);
    await resume(run);
  };
  await untilNewHistory(run, interrupt);
  isMended = true;
  await interrupt();
  expect(await run.handle.result()).toMatchObject({ open: 0 });
});
