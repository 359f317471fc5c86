import { expect, test } from "vitest";
import { tally } from "../../tools/tally.ts";

const good = { lint: true, types: true, tests: true };
const report = {
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 2,
  numTodoTests: 1,
  testResults: [{ status: "passed", assertionResults: [{ status: "passed" }] }],
};

test("lint and types count as one check each", () => {
  expect(tally({ ...good, report })).toEqual({ passed: 9, failed: 0, skipped: 3 });
  expect(tally({ ...good, lint: false, types: false, report })).toEqual({ passed: 7, failed: 2, skipped: 3 });
});

test("failed tests are counted once, not their file too", () => {
  const testResults = [{ status: "failed", assertionResults: [{ status: "failed" }, { status: "passed" }] }];
  const failing = { ...report, numFailedTests: 1, testResults };
  expect(tally({ ...good, tests: false, report: failing })).toEqual({ passed: 9, failed: 1, skipped: 3 });
});

test("a file that cannot be loaded counts as failed", () => {
  const unloadable = { ...report, testResults: [{ status: "failed", assertionResults: [] }] };
  expect(tally({ ...good, tests: false, report: unloadable })).toEqual({ passed: 9, failed: 1, skipped: 3 });
});

test("a failure that no test shows counts as one", () => {
  expect(tally({ ...good, tests: false, report })).toEqual({ passed: 9, failed: 1, skipped: 3 });
});

test("a run without a report counts as one failure", () => {
  expect(tally({ ...good, tests: false, report: null })).toEqual({ passed: 2, failed: 1, skipped: 0 });
});
