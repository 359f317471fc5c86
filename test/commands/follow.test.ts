import { expect, test } from "vitest";
import { follow } from "../../src/commands/follow.ts";
import type { Row } from "../../src/commands/progress-rows.ts";
import type { Look } from "../../src/commands/run-feed.ts";

const SUMMARY = { listed: 0, imported: 0, merged: 0, skipped: 0, failed: 0, open: 0 };
const NO_WORKER: Look = {
  ...{ totals: {}, coming: {}, phases: [], isOtherLedger: true },
  standing: { kind: "no_worker", workflowId: "migrate-p", type: "migrateUserPool", taskQueue: "q" },
};

test("whoever watches with another ledger than the run's is told once", async () => {
  const looks: Look[] = [
    NO_WORKER,
    NO_WORKER,
    { ...NO_WORKER, standing: { kind: "done", summary: SUMMARY } },
  ];
  const said: string[] = [];
  const screen = {
    ...{ columns: 400, show: () => undefined, close: () => undefined },
    say: (text: string) => said.push(text),
  };
  const look = () => Promise.resolve(looks.shift() ?? NO_WORKER);
  expect(await follow({ look }, screen, new AbortController().signal)).toMatchObject({ kind: "done" });
  expect(said.filter((text) => text.includes("is not this run's"))).toHaveLength(1);
  expect(said[0]).toMatch(
    /^The ledger here, which SPILLWAY_LEDGER names, .* set SPILLWAY_LEDGER to the run's/,
  );
});

test("no time that is left is told while the run waits", async () => {
  const totals = (done: number) => ({ resets: { done, failed: 0, skipped: 0, of: 100 } });
  const looked = (state: "Running" | "Waiting", done: number): Look => ({
    ...{ totals: totals(done), coming: {}, phases: ["resets"], isOtherLedger: false },
    standing: {
      kind: "running",
      answer: {
        ...{ state, phase: "resets", waitsFor: null, missingProviders: [], firstMails: [] },
        ...{ pace: null, secondsLeft: null },
      },
    },
  });
  const looks = [looked("Running", 1), looked("Running", 5), looked("Waiting", 9)];
  const shown: (string | undefined)[] = [];
  const screen = {
    ...{ columns: 400, say: () => undefined, close: () => undefined },
    show: (rows: readonly Row[]) => shown.push(rows[0]?.text),
  };
  const end: Look = { ...NO_WORKER, standing: { kind: "done", summary: SUMMARY } };
  const look = () => Promise.resolve(looks.shift() ?? end);
  await follow({ look }, screen, new AbortController().signal);
  expect(shown[1]).toMatch(/ left$/);
  expect(shown[2]).toBe("9 of 100");
});

test("a worker that is stopped while it is asked is no news", async () => {
  const stopped = new AbortController();
  const said: string[] = [];
  const screen = {
    ...{ columns: 400, show: () => undefined, close: () => undefined },
    say: (text: string) => said.push(text),
  };
  const look = async () => {
    stopped.abort();
    return { ...NO_WORKER, isOtherLedger: false };
  };
  expect(await follow({ look }, screen, stopped.signal)).toBeNull();
  expect(said).toEqual([]);
});
