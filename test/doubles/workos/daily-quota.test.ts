import { expect, test } from "vitest";
import { DailyQuota } from "./daily-quota.ts";

const AFTERNOON_MS = Date.UTC(2026, 5, 1, 18);

test("gives as many as a day has, and tells how long the rest of it is", () => {
  const quota = new DailyQuota();
  expect([quota.take(2, AFTERNOON_MS), quota.take(2, AFTERNOON_MS)]).toEqual([null, null]);
  expect(quota.take(2, AFTERNOON_MS)).toBe(6 * 3_600);
});

test("begins anew at midnight in UTC", () => {
  const quota = new DailyQuota();
  quota.take(1, AFTERNOON_MS);
  expect(quota.take(1, Date.UTC(2026, 5, 1, 23, 59, 59, 500))).toBe(1);
  expect(quota.take(1, Date.UTC(2026, 5, 2))).toBe(null);
});

test("gives any number without a quota", () => {
  const quota = new DailyQuota();
  const given = Array.from({ length: 1_000 }, () => quota.take(null, AFTERNOON_MS));
  expect(given.filter((seconds) => seconds !== null)).toEqual([]);
});
