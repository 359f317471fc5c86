import { expect, test } from "vitest";
import type { RunAnswer } from "../../src/commands/run-feed.ts";
import { wholeRun } from "../../src/commands/whole-run.ts";

/** At 10 writes a second, two memberships a call, 5 mails a second. */
const ANSWER: RunAnswer = {
  ...{ state: "Running", phase: "users", waitsFor: null, missingProviders: [], firstMails: [] },
  pace: {
    ...{ writesPerSecond: 10, readsPerSecond: 10, callsPerSecond: 20, pagesPerSecond: 1, resetsPerSecond: 5 },
  },
  itemsPerCall: { credentials: 1, structure: 1, users: 1, memberships: 2 },
  times: { assess: { fromMs: 1_000, toMs: 2_000 }, users: { fromMs: 2_000, toMs: null } },
  secondsLeft: 40,
};
const open = (of: number) => ({ done: 0, failed: 0, skipped: 0, of });
const textOf = (changes: Partial<RunAnswer>, coming = {}) =>
  wholeRun({ ...ANSWER, ...changes }, coming, 31_000).text;

test("the whole run tells how long it has taken, and at least takes, with what later phases have to do", () => {
  expect(textOf({})).toBe("30 s so far, at least 40 s left");
  expect(textOf({}, { memberships: open(400), resets: open(50) })).toBe("30 s so far, at least 70 s left");
});

test("what nobody can know is not told: before the plan, and while the run stands still", () => {
  expect(textOf({ secondsLeft: null })).toBe("30 s so far");
  expect(textOf({ state: "Paused" })).toBe("30 s so far");
  expect(textOf({ times: {} })).toBe("");
  expect(wholeRun(null, {}).text).toBe("");
});

test("a run of an earlier worker does not say what a call takes: its phases to come are left out", () => {
  const { itemsPerCall: _, ...earlier } = ANSWER;
  expect(wholeRun(earlier, { memberships: open(400) }, 31_000).text).toBe("30 s so far, at least 40 s left");
});
