import fc from "fast-check";
import { expect, test } from "vitest";
import { dayOf, windowOpenMs, windowWaitMs } from "../../src/plan/send-window.ts";

const HOUR_MS = 3_600_000;
const at = (iso: string) => Date.parse(iso);
const weekday = ["mon", "tue", "wed", "thu", "fri"] as const;
const everyDay = [...weekday, "sat", "sun"] as const;

test("without a window mails go at any time", () => {
  expect(windowWaitMs(undefined, at("2026-03-29T03:00:00Z"))).toBe(0);
});

test.each([
  // A Monday; Berlin is at +1 in winter.
  ["before it opens", "2026-01-05T07:30:00Z", 0.5],
  ["in it", "2026-01-05T08:00:00Z", 0],
  ["at its last minute", "2026-01-05T15:59:59Z", 0],
  ["when it closed", "2026-01-05T16:00:00Z", 16],
  ["on Friday evening", "2026-01-09T16:00:00Z", 64],
])("office hours %s", (_, now, hours) => {
  const window = { timeZone: "Europe/Berlin", from: "09:00", to: "17:00", weekdays: [...weekday] };
  expect(windowWaitMs(window, at(now))).toBe(hours * HOUR_MS);
});

test.each([
  ["long before it shuts", "2026-01-05T09:00:00Z", 4],
  ["three minutes before", "2026-01-05T15:57:00Z", 3],
  ["within its last minute", "2026-01-05T15:59:30Z", 0.5],
])("mails are planned no further than the window is open: %s", (_, now, minutes) => {
  const window = { timeZone: "Europe/Berlin", from: "09:00", to: "17:00", weekdays: [...weekday] };
  expect(windowOpenMs(window, at(now), 4 * 60_000)).toBe(minutes * 60_000);
  expect(windowOpenMs(undefined, at(now), 4 * 60_000)).toBe(4 * 60_000);
});

test("a window over midnight belongs to the day it began on", () => {
  const window = { timeZone: "UTC", from: "22:00", to: "02:00", weekdays: ["fri" as const] };
  expect(windowWaitMs(window, at("2026-01-09T23:00:00Z"))).toBe(0);
  expect(windowWaitMs(window, at("2026-01-10T01:59:00Z"))).toBe(0);
  expect(windowWaitMs(window, at("2026-01-10T02:00:00Z"))).toBe((6 * 24 + 20) * HOUR_MS);
});

test("the clock's change moves a window, not its local time", () => {
  const window = { timeZone: "Europe/Berlin", from: "09:00", to: "10:00", weekdays: [...everyDay] };
  // On 29 March 2026 the clock goes forward: 09:00 is 07:00 UTC from then on.
  expect(windowWaitMs(window, at("2026-03-28T08:00:00Z"))).toBe(0);
  expect(windowWaitMs(window, at("2026-03-29T07:00:00Z"))).toBe(0);
  expect(windowWaitMs(window, at("2026-03-29T06:59:00Z"))).toBe(60_000);
});

test("days begin and end by the window's clock", () => {
  const window = { timeZone: "America/New_York", from: "00:00", to: "00:00", weekdays: [...everyDay] };
  expect(dayOf(window, at("2026-01-05T03:00:00Z"))).toEqual({
    startMs: at("2026-01-04T05:00:00Z"),
    endMs: at("2026-01-05T05:00:00Z"),
  });
  expect(dayOf(undefined, at("2026-01-05T03:00:00Z"))).toEqual({
    startMs: at("2026-01-05T00:00:00Z"),
    endMs: at("2026-01-06T00:00:00Z"),
  });
});

const clockTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([hours, minutes]) => `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`);
const window = fc.record({
  timeZone: fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Pacific/Auckland"),
  from: clockTime,
  to: clockTime,
  weekdays: fc.subarray([...everyDay], { minLength: 1 }),
});

test("after the wait the window is open, and not a minute before", () => {
  const now = fc.integer({ min: at("2026-01-01T00:00:00Z"), max: at("2026-12-31T00:00:00Z") });
  fc.assert(
    fc.property(window, now, (one, nowMs) => {
      const waitMs = windowWaitMs(one, nowMs);
      expect(windowWaitMs(one, nowMs + waitMs)).toBe(0);
      if (waitMs > 60_000) expect(windowWaitMs(one, nowMs + waitMs - 60_000)).toBeGreaterThan(0);
    }),
    { numRuns: 40 },
  );
});
