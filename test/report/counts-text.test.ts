import { expect, test } from "vitest";
import { countsText } from "../../src/report/counts-text.ts";

const COUNTS = {
  listed: 0,
  byOutcome: { imported: 0, merged: 0, skipped: 0, failed: 0, open: 0 },
  byReason: [],
};

test("before the pool was read nobody is counted as none", () => {
  const text = countsText({ ...COUNTS, snapshot: "not_begun" });
  expect(text).toMatch(/has not begun to read the pool: .* is not known yet\. `\.\/spillway watch POOL`/);
  expect(text).not.toMatch(/\d/);
});

test("while the pool is read the counts say that more may come", () => {
  const some = { ...COUNTS, listed: 12, byOutcome: { ...COUNTS.byOutcome, open: 12 } };
  expect(countsText({ ...some, snapshot: "under_way" })).toMatch(/^ +12 {2}users listed by Cognito so far: /);
  expect(countsText({ ...some, snapshot: "complete" })).toMatch(/^ +12 {2}users listed by Cognito\n/);
});
