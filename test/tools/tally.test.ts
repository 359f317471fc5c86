import { expect, test } from "vitest";
import { tally } from "../../tools/tally.ts";

const good = { checks: { lint: true, types: true }, tests: true };
const report = {
  success: true,
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 2,
  numTodoTests: 1,
  testResults: [{ status: "passed", assertionResults: [{ status: "passed" }] }],
};
const failing = { ...report, success: false };

test("each check counts as one", () => {
  expect(tally({ ...good, report })).toEqual({ passed: 9, failed: 0, skipped: 3 });
  const checks = { lint: false, types: true, "unused code": false };
  expect(tally({ ...good, checks, report })).toEqual({ passed: 8, failed: 2, skipped: 3 });
});

test("failed tests are counted once, not their file too", () => {
  const testResults = [{ status: "failed", assertionResults: [{ status: "failed" }, { status: "passed" }] }];
  const one = { ...failing, numFailedTests: 1, testResults };
  expect(tally({ ...good, tests: false, report: one })).toEqual({ passed: 9, failed: 1, skipped: 3 });
});

test("a file that cannot be loaded counts as failed", () => {
  const unloadable = { ...failing, testResults: [{ status: "failed", assertionResults: [] }] };
  expect(tally({ ...good, tests: false, report: unloadable })).toEqual({ passed: 9, failed: 1, skipped: 3 });
});

test("a file whose process is killed counts as failed, whatever passed before", () => {
  const testResults = [{ status: "failed", assertionResults: [{ status: "passed" }, { status: "pending" }] }];
  const killed = { ...failing, testResults };
  expect(tally({ ...good, tests: true, report: killed })).toEqual({ passed: 9, failed: 1, skipped: 3 });
});

test("a failure that no test shows counts as one", () => {
  expect(tally({ ...good, tests: false, report })).toEqual({ passed: 9, failed: 1, skipped: 3 });
  expect(tally({ ...good, tests: true, report: failing })).toEqual({ passed: 9, failed: 1, skipped: 3 });
});

test("a run without a report counts as one failure", () => {
  expect(tally({ ...good, tests: false, report: null })).toEqual({ passed: 2, failed: 1, skipped: 0 });
});

test("a stage in which no test ran counts as one failure", () => {
  const empty = { ...report, numPassedTests: 0, testResults: [] };
  expect(tally({ checks: {}, tests: true, report: empty })).toEqual({ passed: 0, failed: 1, skipped: 3 });
});
