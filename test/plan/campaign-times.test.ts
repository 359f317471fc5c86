import { expect, test } from "vitest";
import { lastMailMs, looksAgain, type MailPace, paceText, timeText } from "../../src/plan/campaign-times.ts";

const at = (iso: string) => Date.parse(iso);
/** A Monday. */
const NOW = at("2026-01-05T08:00:00Z");
const OFFICE = {
  timeZone: "Europe/Berlin",
  from: "09:00",
  to: "17:00",
  weekdays: ["mon", "tue", "wed", "thu", "fri"] as const,
};
const office = { ...OFFICE, weekdays: [...OFFICE.weekdays] };

test.each<[string, number, MailPace, number, string]>([
  ["the pace alone", 3_600, { perSecond: 1 }, 0, "2026-01-05T09:00:00Z"],
  ["a slow pace", 3, { perSecond: 0.05 }, 0, "2026-01-05T08:01:00Z"],
  ["a cap a day", 25, { perSecond: 1, perDay: 10 }, 0, "2026-01-07T00:00:05Z"],
  ["what is out today already", 25, { perSecond: 1, perDay: 10 }, 10, "2026-01-08T00:00:05Z"],
  ["hours of the day", 8 * 3_600 + 60, { perSecond: 1, window: office }, 0, "2026-01-06T08:01:00Z"],
  // 28,800 a day, 144,000 a week.
  ["days of the week", 144_001, { perSecond: 1, window: office }, 0, "2026-01-12T08:00:01Z"],
  ["months", 144_000 * 8 + 60, { perSecond: 1, window: office }, 0, "2026-03-02T08:01:00Z"],
  ["hours and a cap", 1_000, { perSecond: 1, perDay: 500, window: office }, 100, "2026-01-07T08:01:40Z"],
])("the last mail is out by %s", (_, mails, pace, sentToday, expected) => {
  expect(new Date(lastMailMs(mails, pace, sentToday, NOW)).toISOString()).toBe(
    expected.replace("Z", ".000Z"),
  );
});

test("a time is told by the window's clock, with seconds where they matter", () => {
  expect(timeText(undefined, NOW)).toBe("Mon 2026-01-05 08:00 UTC");
  expect(timeText(office, NOW + 30_000)).toBe("Mon 2026-01-05 09:00:30 (Europe/Berlin)");
  expect(looksAgain("The send window is shut.", office, NOW)).toBe(
    "The send window is shut. The run looks again by itself at Mon 2026-01-05 09:00 (Europe/Berlin).",
  );
});

test("a pace is told with cap, hours and days", () => {
  expect(paceText({ perSecond: 1 })).toBe("1 mail/s");
  expect(paceText({ perSecond: 0.5, perDay: 1_500, window: office })).toBe(
    "0.5 mails/s, at most 1,500 a day, from 09:00 to 17:00 (Europe/Berlin) on mon, tue, wed, thu, fri",
  );
  const always = { ...office, to: "09:00", weekdays: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] };
  expect(paceText({ perSecond: 2, window: always as typeof office })).toBe(
    "2 mails/s, for 24 hours from 09:00 (Europe/Berlin)",
  );
});
