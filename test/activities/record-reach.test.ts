import { expect, test } from "vitest";
import { recordSinceMs, whatCannotBeKnown } from "../../src/activities/resets/record-reach.ts";
import { CLOCK_TOLERANCE_MS } from "../../src/destinations/sending.ts";
import { passwordResets } from "../../src/domain/migration/password-resets.ts";

const DAY_MS = 24 * 60 * 60_000;
const RECORD = { lagMs: 60_000, keptMs: 30 * DAY_MS };
const NOW_MS = Date.parse("2026-11-29T12:00:00Z");
const policy = (change: object = {}) => ({
  ...passwordResets.parse({ send: true, ...change }),
  perSecond: 1,
});
const began = (days: number) => ({ beganAtMs: NOW_MS - days * DAY_MS });

test("the record is read from before the first import on, as far back as it is kept", () => {
  expect(recordSinceMs(RECORD, policy(), began(3), NOW_MS)).toBe(NOW_MS - 3 * DAY_MS - CLOCK_TOLERANCE_MS);
  expect(recordSinceMs(RECORD, policy(), began(90), NOW_MS)).toBe(NOW_MS - RECORD.keptMs);
  expect(recordSinceMs(RECORD, policy(), { beganAtMs: null }, NOW_MS)).toBe(NOW_MS - RECORD.keptMs);
});

test("where people are mailed who stood there before this ledger knew them, all of it is read", () => {
  const all = policy({ alreadyThere: "send" });
  expect(recordSinceMs(RECORD, all, began(3), NOW_MS)).toBe(NOW_MS - RECORD.keptMs);
  expect(whatCannotBeKnown(RECORD, all, began(3), NOW_MS)).toContain("reaches back to 2026-10-30");
});

test("whoever approves is told what the record cannot say", () => {
  expect(whatCannotBeKnown(RECORD, policy(), began(3), NOW_MS)).toBeNull();
  expect(whatCannotBeKnown(null, policy(), began(3), NOW_MS)).toContain("keeps no record of mails");
  expect(whatCannotBeKnown(RECORD, policy(), began(31), NOW_MS)).toContain("reaches back to 2026-10-30");
  const own = whatCannotBeKnown(RECORD, policy({ delivery: "own" }), began(3), NOW_MS);
  expect(own).toContain("links, not of hand-overs");
  expect(own).not.toContain("reaches back");
});
