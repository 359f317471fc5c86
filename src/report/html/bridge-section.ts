import { html } from "hono/html";
import { dayOf, percentBy, perDayOf } from "../../plan/timeline.ts";
import type { DayOfMoves } from "../moved-by-bridge.ts";
import { lineChart } from "./charts.ts";
import type { PageInput } from "./input.ts";
import { figure, legend, type Section, table } from "./parts.ts";
import { grouped, percent, prose } from "./words.ts";

const THRESHOLDS_PERCENT = [50, 90, 99];
/** The curve is drawn so much further than the bridge has come. */
const AHEAD = 2;
const MIN_DAYS_SHOWN = 14;
const MAX_DAYS_TOLD = 14;

/** What the bridge has moved, against `spillway timeline`'s formula; null where it has moved nobody. */
export function bridgeSection({ bridge, signIns }: PageInput): Section | null {
  const last = bridge.at(-1);
  // Whoever has a password; the bridge may have moved somebody whose account is gone since.
  const people = Math.max(signIns.bridge + signIns.mail + signIns.password, last?.total ?? 0);
  if (last === undefined) return null;
  const perDay = last.total === people ? null : perDayOf(last.total / people, last.day);
  const moved = { points: bridge.map(({ day, total }) => ({ x: day, y: (total / people) * 100 })) };
  const lines = perDay === null ? [moved] : [moved, { points: curve(perDay, last.day), isDashed: true }];
  const says = `Of ${grouped(people)} people with a password the bridge has moved ${grouped(last.total)} (${percent(last.total, people)}) by day ${grouped(last.day)}.`;
  return {
    id: "bridge",
    title: "The bridge",
    body: html`${figure(says, lineChart(lines, { x: "linear", xTitle: "Day", yTitle: "Moved, in percent" }))}
${legend(["moved", ...(perDay === null ? [] : ["by the formula"])])}
${perDay === null ? "" : html`<p>${prose(forecastText(perDay))}</p>`}
${table(
  "The last days of the bridge (UTC)",
  ["Day", "Date", { number: "People" }, { number: "In total" }, { number: "Share" }],
  bridge.slice(-MAX_DAYS_TOLD).map((day) => row(day, people)),
)}`,
  };
}

function forecastText(perDay: number): string {
  const share = Number((perDay * 100).toPrecision(2));
  const days = THRESHOLDS_PERCENT.map((one) => `${one} % on day ${grouped(dayOf(perDay, one))}`).join(", ");
  return `That is as if ${share} % of them signed in on each day. If that goes on: ${days}. \`./spillway timeline\` tells of other shares.`;
}

function curve(perDay: number, day: number): { x: number; y: number }[] {
  const to = Math.max(MIN_DAYS_SHOWN, day * AHEAD);
  return Array.from({ length: to + 1 }, (_, x) => ({ x, y: percentBy(perDay, x) }));
}

function row({ day, date, people: ofDay, total }: DayOfMoves, people: number): string[] {
  return [grouped(day), date, grouped(ofDay), grouped(total), percent(total, people)];
}
