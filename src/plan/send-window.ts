import { WEEKDAYS } from "../domain/migration/password-resets.ts";
import type { Migration } from "../domain/migration.ts";

type Window = NonNullable<Migration["passwordResets"]["window"]>;

export const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
export const UTC = "UTC";

/** Milliseconds until mails may go out by the window: 0 if they may now. Pure; looks minute by minute over a week. */
export function windowWaitMs(window: Window | undefined, nowMs: number): number {
  if (window === undefined || isOpen(window, nowMs)) return 0;
  const nextMinuteMs = Math.floor(nowMs / MINUTE_MS + 1) * MINUTE_MS;
  for (let minute = 0; minute <= 8 * DAY_MINUTES; minute += 1) {
    const atMs = nextMinuteMs + minute * MINUTE_MS;
    if (isOpen(window, atMs)) return atMs - nowMs;
  }
  throw new Error("A send window never opens.");
}

/** Milliseconds until no mail may go out by the window any more, if it is open now; it is looked at no further than `atMostMs`. Pure. */
export function windowOpenMs(window: Window | undefined, nowMs: number, atMostMs: number): number {
  if (window === undefined) return atMostMs;
  const nextMinuteMs = Math.floor(nowMs / MINUTE_MS + 1) * MINUTE_MS;
  for (let atMs = nextMinuteMs; atMs < nowMs + atMostMs; atMs += MINUTE_MS)
    if (!isOpen(window, atMs)) return atMs - nowMs;
  return atMostMs;
}

/** Whether mails may go out by the window. Pure. */
export function isOpen({ timeZone, from, to, weekdays }: Window, atMs: number): boolean {
  const { weekday, minutes } = localTime(timeZone, atMs);
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const isOn = (day: number) => weekdays.includes(WEEKDAYS[(day + 7) % 7] ?? "mon");
  if (start < end) return isOn(weekday) && minutes >= start && minutes < end;
  // Over midnight, or all day: the window belongs to the day it began on.
  return (isOn(weekday) && minutes >= start) || (isOn(weekday - 1) && minutes < end);
}

/** When the day of `nowMs` began and when the next one begins, by the window's clock or UTC. */
export function dayOf(window: Window | undefined, nowMs: number): { startMs: number; endMs: number } {
  const timeZone = window?.timeZone ?? UTC;
  const thisMinuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const edge = (direction: 1 | -1) => {
    const today = localTime(timeZone, nowMs).date;
    let atMs = thisMinuteMs;
    // A day has at most 25 hours.
    for (let minute = 0; minute <= 26 * 60; minute += 1) {
      const next = atMs + direction * MINUTE_MS;
      if (localTime(timeZone, next).date !== today) return direction === 1 ? next : atMs;
      atMs = next;
    }
    throw new Error("A day has no end.");
  };
  return { startMs: edge(-1), endMs: edge(1) };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `weekday` counts from Monday, 0. */
export function localTime(
  timeZone: string,
  atMs: number,
): { date: string; weekday: number; minutes: number } {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "short",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const shortName = parts.get("weekday")?.toLowerCase() ?? "";
  const weekday = WEEKDAYS.findIndex((day) => shortName.startsWith(day));
  const minutes = Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
  return { date: `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`, weekday, minutes };
}

function minutesOf(clockTime: string): number {
  const [hours = 0, minutes = 0] = clockTime.split(":").map(Number);
  return hours * 60 + minutes;
}
