import { WEEKDAYS } from "../domain/migration/password-resets.ts";
import type { Migration } from "../domain/migration.ts";
import { isOpen, localTime, MINUTE_MS, UTC } from "./send-window.ts";

/** When a campaign's mails go out, in words, and about when the last of them does. */

type Window = Migration["passwordResets"]["window"];

/** How fast mails may go out. */
export interface MailPace {
  perSecond: number;
  perDay?: number | undefined;
  window?: Window;
}

const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;

/** About when the last of so many mails goes out, `sentToday` of today's being out already. Pure. */
export function lastMailMs(mails: number, pace: MailPace, sentToday: number, nowMs: number): number {
  if (pace.window === undefined && pace.perDay === undefined) return nowMs + (mails / pace.perSecond) * 1_000;
  const first = afterWeek(mails, pace, sentToday, nowMs);
  if (first.left === 0) return first.atMs;
  const second = afterWeek(first.left, pace, first.sentToday, first.atMs);
  if (second.left === 0) return second.atMs;
  // The weeks that follow are like the second one.
  const perWeek = Math.max(1, first.left - second.left);
  const weeks = Math.ceil(second.left / perWeek) - 1;
  const inLast = second.left - weeks * perWeek;
  return afterWeek(inLast, pace, second.sentToday, second.atMs + weeks * WEEK_MS).atMs;
}

/** Where the mails stand a week later, or when the last of them is out. */
function afterWeek(mails: number, { perSecond, perDay, window }: MailPace, today: number, fromMs: number) {
  const timeZone = window?.timeZone ?? UTC;
  let left = mails;
  let sentToday = today;
  let { date } = localTime(timeZone, fromMs);
  for (let atMs = fromMs; atMs < fromMs + WEEK_MS; ) {
    const nextMs = Math.floor(atMs / MINUTE_MS + 1) * MINUTE_MS;
    const local = localTime(timeZone, atMs);
    if (local.date !== date) sentToday = 0;
    date = local.date;
    const may = (perDay ?? Number.POSITIVE_INFINITY) - sentToday;
    if (may > 0 && (window === undefined || isOpen(window, atMs))) {
      const sent = Math.min(left, may, (perSecond * (nextMs - atMs)) / 1_000);
      left -= sent;
      sentToday += sent;
      if (left === 0) return { left, sentToday, atMs: atMs + (sent / perSecond) * 1_000 };
    }
    atMs = nextMs;
  }
  return { left, sentToday, atMs: fromMs + WEEK_MS };
}

/** "Mon 2026-12-07 09:00 (Europe/Berlin)": by the window's clock, or UTC. */
export function timeText(window: Window, atMs: number): string {
  const timeZone = window?.timeZone ?? UTC;
  const { date, weekday, minutes } = localTime(timeZone, atMs);
  const two = (n: number) => String(n).padStart(2, "0");
  const seconds = Math.floor((atMs % MINUTE_MS) / 1_000);
  const clock = [Math.floor(minutes / 60), minutes % 60, ...(seconds === 0 ? [] : [seconds])].map(two);
  const day = WEEKDAYS[weekday] ?? "";
  const zone = timeZone === UTC ? UTC : `(${timeZone})`;
  return `${day.charAt(0).toUpperCase()}${day.slice(1)} ${date} ${clock.join(":")} ${zone}`;
}

/** Why nobody is mailed now, and until when. */
export function looksAgain(why: string, window: Window, atMs: number): string {
  return `${why} The run looks again by itself at ${timeText(window, atMs)}.`;
}

/** "1 mail/s, at most 500 a day, from 09:00 to 17:00 (Europe/Berlin) on mon, tue". */
export function paceText({ perSecond, perDay, window }: MailPace): string {
  const parts = [`${perSecond} ${perSecond === 1 ? "mail" : "mails"}/s`];
  if (perDay !== undefined) parts.push(`at most ${perDay.toLocaleString("en-US")} a day`);
  if (window !== undefined) parts.push(windowText(window));
  return parts.join(", ");
}

function windowText({ from, to, timeZone, weekdays }: NonNullable<Window>): string {
  const hours = from === to ? `for 24 hours from ${from}` : `from ${from} to ${to}`;
  const days = WEEKDAYS.filter((day) => weekdays.includes(day));
  return `${hours} (${timeZone})${days.length === WEEKDAYS.length ? "" : ` on ${days.join(", ")}`}`;
}
