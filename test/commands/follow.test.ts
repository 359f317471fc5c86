import { expect, test } from "vitest";
import { follow } from "../../src/commands/follow.ts";
import type { Look } from "../../src/commands/run-feed.ts";

const SUMMARY = { listed: 0, imported: 0, merged: 0, skipped: 0, failed: 0, open: 0 };
const NO_WORKER: Look = {
  ...{ standing: { kind: "no_worker" }, totals: {}, phases: [], isOtherLedger: true },
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
