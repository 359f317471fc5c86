import fc from "fast-check";
import { expect, test } from "vitest";
import {
  BATCH_LOOK_AGE_MS,
  type Campaign,
  lookWay,
  MAX_LOOK_AGE_MS,
  mailsPerSecondWithLooks,
  nextWalkAfterMs,
  tooLongMs,
  walkMs,
} from "../../src/plan/look-way.ts";

const PAGE = 60;
const LATEST_MS = 10 * 60_000;

function campaign(people: number, change: Partial<Campaign> = {}): Campaign {
  const pages = Math.ceil(people / PAGE);
  return {
    mailsPerSecond: 40,
    callsPerSecond: 10,
    pages,
    mails: people,
    isCanary: false,
    walkTookMs: null,
    ...change,
  };
}

test.each<[string, Campaign, "pages" | "subs"]>([
  ["a fast campaign of a small pool", campaign(2_000), "pages"],
  ["a fast campaign of 100,000", campaign(100_000), "pages"],
  ["a walk that would be old before it ends", campaign(1_000_000), "subs"],
  ["the same, listed faster", campaign(500_000, { callsPerSecond: 30 }), "pages"],
  ["half of what look-ups may take", campaign(100_000, { mailsPerSecond: 5 }), "subs"],
  ["a few of many", campaign(100_000, { mails: 1_000 }), "subs"],
  ["a walk that took too long the last time", campaign(100_000, { walkTookMs: LATEST_MS }), "subs"],
  ["the first ones", campaign(60, { mails: 100, isCanary: true }), "subs"],
])("%s: %s", (_, wish, way) => {
  expect(lookWay(wish)).toBe(way);
});

test("the pace is held by pages, and is that of look-ups where people are looked up", () => {
  expect(mailsPerSecondWithLooks(campaign(100_000))).toBe(40);
  expect(mailsPerSecondWithLooks(campaign(1_000_000))).toBe(10);
  expect(mailsPerSecondWithLooks(campaign(1_000_000, { mailsPerSecond: 1 }))).toBe(1);
});

test("each walk ends before what the one before saw is old, whatever the order of its pages", () => {
  expect(MAX_LOOK_AGE_MS).toBeLessThan(LATEST_MS);
  const wishes = fc.record({
    people: fc.integer({ min: 1, max: 2_000_000 }),
    callsPerSecond: fc.integer({ min: 1, max: 30 }),
    mailsPerSecond: fc.integer({ min: 1, max: 500 }),
    walkTookMs: fc.option(fc.integer({ min: 0, max: LATEST_MS })),
  });
  fc.assert(
    fc.property(wishes, ({ people, ...paces }) => {
      const wish = campaign(people, paces);
      if (lookWay(wish) === "subs") return;
      const takesMs = walkMs(wish);
      const nextMs = nextWalkAfterMs(wish);
      // Seen first in one walk, last in the next: only walks that follow one another at once leave somebody to look-ups.
      if (nextMs > takesMs) expect(nextMs + takesMs).toBeLessThanOrEqual(BATCH_LOOK_AGE_MS);
      expect(takesMs).toBeLessThan(BATCH_LOOK_AGE_MS);
    }),
  );
});

test("a walk that will not end in time is known by what it has read, once that tells", () => {
  const pages = 2_500;
  // Five pages a second, at ten that the pace allows.
  expect(tooLongMs({ forMs: 60_000, pagesRead: 300 }, pages)).toBe(500_000);
  expect(tooLongMs({ forMs: 60_000, pagesRead: 550 }, pages)).toBeNull();
  expect(tooLongMs({ forMs: 30_000, pagesRead: 1 }, pages)).toBeNull();
  // More pages than the pool had before, and still no end.
  expect(tooLongMs({ forMs: 301_000, pagesRead: 3_000 }, pages)).toBe(301_000);
});
