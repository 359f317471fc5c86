import { existsSync } from "node:fs";
import { UsageError } from "../exit.ts";
import { dayOf, percentBy } from "../plan/timeline.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import type { Choice } from "./choose-migration.ts";
import { counted, grouped } from "./format.ts";
import type { Moved } from "./moved-by-bridge.ts";
import { say, sayJson } from "./say.ts";
import { openExistingLedger, requiredSettings, sqlitePath, withLedger } from "./setup.ts";

const MAX_DAYS = 3_650;
const THRESHOLDS_PERCENT = [50, 90, 99] as const;

interface TimelineOptions extends Choice {
  perDay: string;
  days: string;
  json?: boolean;
}

/** Moved by the end of the day. */
interface Point {
  day: number;
  percent: number;
}

export async function timeline(options: TimelineOptions): Promise<void> {
  const perDay = shareOf(options.perDay);
  const days = daysOf(options.days);
  const points = Array.from({ length: days }, (_, index) => ({
    day: index + 1,
    percent: percentBy(perDay, index + 1),
  }));
  const reached = THRESHOLDS_PERCENT.map((percent) => ({ percent, day: dayOf(perDay, percent) }));
  const bridge = await movedByBridge(options);
  const columns = columnsOf(process.stdout);
  if (options.json) sayJson({ perDay, points, reached, bridge });
  else
    say(
      [
        forecastText(perDay, points, reached, columns),
        ...(bridge === null ? [] : [movedText(bridge, columns)]),
      ].join("\n\n"),
    );
}

function shareOf(text: string): number {
  const share = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (share > 0 && share <= 1) return share;
  throw new UsageError("--per-day must be over 0 and at most 1, such as 0.2 for a fifth of the people.");
}

function daysOf(text: string): number {
  const days = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (days >= 1 && days <= MAX_DAYS) return days;
  throw new UsageError(`--days must be a whole number from 1 to ${grouped(MAX_DAYS)}, such as 30.`);
}

function forecastText(
  perDay: number,
  points: readonly Point[],
  reached: readonly Point[],
  columns: number,
): string {
  const share = Number((perDay * 100).toPrecision(6));
  const rows = points.map(({ day, percent }) => [grouped(day), `${percent.toFixed(1)} %`]);
  const days = reached.map(({ percent, day }) => `${percent} % on day ${grouped(day)}`).join(", ");
  return [
    wrapped(
      `With ${share} % of the people signing in on a day, the bridge has moved by the end of the day:`,
      columns,
    ),
    table(["day", "moved"], rows),
    `${days}.`,
  ].join("\n\n");
}

/** Null without a ledger that knows a migration: what is to be expected needs none. */
async function movedByBridge(choice: Choice): Promise<Moved | null> {
  const settings = requiredSettings();
  const { ledgerUrl } = settings;
  const path = sqlitePath(ledgerUrl);
  const isChosen = choice.pool !== undefined || choice.environment !== undefined;
  if (!isChosen && path !== null && !existsSync(path)) return null;
  const { readMoved } = await import("./moved-by-bridge.ts");
  return withLedger(await openExistingLedger(ledgerUrl), (ledger) =>
    readMoved(ledger, choice, settings, isChosen),
  );
}

function movedText({ pool, environment, imported, days }: Moved, columns: number): string {
  const total = days.at(-1)?.total ?? 0;
  const sentence = `Of ${counted(imported, "person", "people")} imported from ${pool} to ${environment} the bridge has moved ${grouped(total)}`;
  if (days.length === 0) return wrapped(`${sentence}.`, columns);
  const rows = days.map((one) => [
    grouped(one.day),
    one.date,
    grouped(one.people),
    grouped(one.total),
    imported === 0 ? "" : `${((one.total / imported) * 100).toFixed(1)} %`,
  ]);
  return [
    wrapped(`${sentence}:`, columns),
    table(["day", "date (UTC)", "people", "in total", ""], rows),
  ].join("\n\n");
}

/** Right-aligned columns. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => `  ${line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}
