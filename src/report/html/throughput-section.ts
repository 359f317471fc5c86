import { html } from "hono/html";
import type { PhaseTimes, Throughput } from "../phase-times.ts";
import { lineChart, stretchChart } from "./charts.ts";
import type { PageInput } from "./input.ts";
import { type Cell, figure, legend, type Section, table } from "./parts.ts";
import { grouped, utc } from "./words.ts";

/** Which phase worked when, and how fast; null where nothing was settled. */
export function throughputSection({ throughput }: PageInput): Section | null {
  if (throughput === null) return null;
  const { phases } = throughput;
  const busiest = phases.toSorted((a, b) => b.items - a.items).slice(0, MAX_LINES);
  const stretches = phases.map(({ phase, firstMs, lastMs }) => ({
    label: phase,
    fromMs: firstMs,
    toMs: lastMs,
  }));
  const when = `When each phase worked, in UTC: ${phases.map(({ phase, firstMs, lastMs }) => `${phase} for ${lasted(lastMs - firstMs)}`).join(", ")}.`;
  const rates = `Settled a minute, at most: ${busiest.map((one) => `${grouped(peakOf(one, throughput))} in ${one.phase}`).join(", ")}.`;
  const lines = busiest.map((one) => ({ points: pointsOf(one, throughput), isStepped: true }));
  return {
    id: "throughput",
    title: "Phases and throughput",
    body: html`${figure(when, stretchChart(stretches))}
${figure(rates, lineChart(lines, { x: "utc", xTitle: "Time (UTC)", yTitle: "Settled a minute" }))}
${legend(busiest.map(({ phase }) => phase))}
${table("Phases", ["Phase", "First (UTC)", "Last (UTC)", { number: "Settled" }, { number: "A second" }], phases.map(row))}`,
  };
}

/** As many colours as there are for series. */
const MAX_LINES = 3;
const MINUTE_MS = 60_000;

function row({ phase, firstMs, lastMs, items }: PhaseTimes): Cell[] {
  const seconds = (lastMs - firstMs) / 1_000;
  return [phase, utc(firstMs), utc(lastMs), grouped(items), seconds < 1 ? "" : (items / seconds).toFixed(1)];
}

function pointsOf({ settled }: PhaseTimes, { fromMs, slotMs }: Throughput): { x: number; y: number }[] {
  const rates = settled.map((items) => (items * MINUTE_MS) / slotMs);
  // The last slot has an end as well.
  return [...rates, rates.at(-1) ?? 0].map((y, slot) => ({ x: fromMs + slot * slotMs, y }));
}

function peakOf({ settled }: PhaseTimes, { slotMs }: Throughput): number {
  return Math.round((Math.max(...settled) * MINUTE_MS) / slotMs);
}

function lasted(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
