import type { TimesOfPhases } from "../domain/contract.ts";
import { duration } from "../domain/duration.ts";
import { isItemPhase, type Phase } from "../domain/phases.ts";
import { grouped } from "./format.ts";
import type { Totals } from "./progress-rows.ts";

const HEAD = ["phase", "done", "failed", "skipped", "time", "a second"];
const GAP = "  ";

/** What a run did, a line a phase, as far as it is known; empty where nothing is. */
export function endTable(phases: readonly Phase[], totals: Totals, times: TimesOfPhases = {}): string {
  const known = phases.filter((phase) => totals[phase] !== undefined || times[phase] !== undefined);
  if (known.length === 0) return "";
  const rows = [HEAD, ...known.map((phase) => rowOf(phase, totals[phase], secondsOf(times[phase])))];
  const whole = wholeSeconds(times);
  if (whole !== null) rows.push(["in all", "", "", "", duration(whole), ""]);
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => lineOf(row, widths)).join("\n");
}

function rowOf(phase: Phase, totals: Totals[Phase], seconds: number | null): string[] {
  const { done = null, failed = null, skipped = null } = totals ?? {};
  const counts = [done, failed, skipped];
  const settled = counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
  // How fast people set providers up, and how many findings there are, is no rate.
  const hasRate = isItemPhase(phase) && phase !== "credentials" && seconds !== null && seconds >= 1;
  return [
    phase,
    ...counts.map((count) => (count === null ? "" : grouped(count))),
    seconds === null ? "" : duration(seconds),
    hasRate && settled > 0 ? (settled / seconds).toFixed(1) : "",
  ];
}

function secondsOf(time: TimesOfPhases[Phase]): number | null {
  return time?.toMs == null ? null : (time.toMs - time.fromMs) / 1_000;
}

/** From the first phase's beginning to the last one's end, waits for people included. */
function wholeSeconds(times: TimesOfPhases): number | null {
  const all = Object.values(times);
  if (all.length === 0) return null;
  const ends = all.map(({ fromMs, toMs }) => toMs ?? fromMs);
  return (Math.max(...ends) - Math.min(...all.map(({ fromMs }) => fromMs))) / 1_000;
}

/** Names to the left, numbers to the right. */
function lineOf(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
    .join(GAP)
    .trimEnd();
}
