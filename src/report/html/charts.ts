import { raw } from "hono/html";
import { type Axis, parse, type Scale, type Spec, View } from "vega";
import type { Html } from "./words.ts";

/**
 * Charts as SVG, drawn here and now: the page runs no code. Each is drawn twice, for a phone and for a screen, since
 * letters that shrink with a picture cannot be read. Colours are the page's own, so that they follow its theme.
 */

const WIDTHS = { narrow: 300, wide: 620 };
const BAR_HEIGHT = 24;
const LINE_HEIGHT = 220;
const LABEL_SHARE = 0.38;

/** Whole numbers and small shares alike. */
const COUNTS = ",~f";

export interface Bar {
  label: string;
  value: number;
}

export function barChart(bars: readonly Bar[]): Html {
  return chart((width) => ({
    height: bars.length * BAR_HEIGHT,
    data: [{ name: "bars", values: bars.map((bar, index) => ({ ...bar, index })) }],
    scales: [
      { name: "x", range: "width", domain: { data: "bars", field: "value" }, zero: true, nice: true },
      band(),
    ],
    axes: [
      axis("bottom", "x", {
        ...{ grid: true, tickCount: 4, tickMinStep: 1 },
        ...{ format: COUNTS, labelOverlap: true },
      }),
      axis("left", "y", {
        labelLimit: Math.round(width * LABEL_SHARE),
        encode: { labels: { update: { text: { signal: "data('bars')[datum.value].label" } } } },
      }),
    ],
    marks: [rectangles({ x: { scale: "x", value: 0 }, x2: { scale: "x", field: "value" } })],
  }));
}

export interface Stretch {
  label: string;
  fromMs: number;
  toMs: number;
}

/** What lay when, by UTC. */
export function stretchChart(stretches: readonly Stretch[]): Html {
  return chart(() => ({
    height: stretches.length * BAR_HEIGHT,
    data: [{ name: "bars", values: stretches.map((one, index) => ({ ...one, index })) }],
    scales: [
      {
        name: "x",
        type: "utc",
        range: "width",
        domain: {
          fields: [
            { data: "bars", field: "fromMs" },
            { data: "bars", field: "toMs" },
          ],
        },
      },
      band(),
    ],
    axes: [
      axis("bottom", "x", {
        grid: true,
        tickCount: 3,
        labelOverlap: true,
        ...timeFormat(stretches.flatMap(({ fromMs, toMs }) => [fromMs, toMs])),
      }),
      axis("left", "y", {
        encode: { labels: { update: { text: { signal: "data('bars')[datum.value].label" } } } },
      }),
    ],
    marks: [
      rectangles({
        x: { scale: "x", field: "fromMs" },
        // What took no time at all is seen as well.
        x2: { signal: "max(scale('x', datum.toMs), scale('x', datum.fromMs) + 2)" },
      }),
    ],
  }));
}

export interface Line {
  points: readonly { x: number; y: number }[];
  isDashed?: boolean;
  /** Each value holds until the next one. */
  isStepped?: boolean;
}

interface LineAxes {
  /** Times are epoch milliseconds, shown by UTC. */
  x: "utc" | "linear";
  xTitle: string;
  yTitle: string;
}

/** Lines take the colours of the series, in their order. */
export function lineChart(lines: readonly Line[], { x, xTitle, yTitle }: LineAxes): Html {
  const data = lines.map(({ points }, index) => ({ name: `line${index}`, values: [...points] }));
  const all = (field: string) => ({ fields: data.map(({ name }) => ({ data: name, field })) });
  return chart(() => ({
    height: LINE_HEIGHT,
    data,
    scales: [
      x === "utc"
        ? { name: "x", type: x, range: "width", domain: all("x") }
        : { name: "x", type: x, range: "width", domain: all("x"), zero: false },
      { name: "y", range: "height", domain: all("y"), zero: true, nice: true },
    ],
    axes: [
      axis("bottom", "x", {
        ...{ title: xTitle, tickCount: 3, labelOverlap: true },
        ...(x === "utc" ? timeFormat(lines.flatMap(({ points }) => points.map((point) => point.x))) : {}),
      }),
      axis("left", "y", { title: yTitle, grid: true, tickCount: 5, format: COUNTS }),
    ],
    marks: lines.map(({ isDashed = false, isStepped = false }, index) => ({
      type: "line",
      aria: false,
      from: { data: `line${index}` },
      encode: {
        enter: {
          x: { scale: "x", field: "x" },
          y: { scale: "y", field: "y" },
          stroke: { value: seriesColor(index) },
          interpolate: { value: isStepped ? "step-after" : "linear" },
          strokeWidth: { value: 2 },
          strokeDash: { value: isDashed ? [5, 4] : [] },
        },
      },
    })),
  }));
}

function seriesColor(index: number): string {
  return `var(--series-${index + 1})`;
}

function band(): Scale {
  return {
    name: "y",
    type: "band",
    range: "height",
    padding: 0.25,
    domain: { data: "bars", field: "index" },
  };
}

function rectangles(x: Record<string, object>) {
  return {
    type: "rect" as const,
    aria: false,
    from: { data: "bars" },
    encode: {
      enter: {
        ...x,
        y: { scale: "y", field: "index" },
        height: { scale: "y", band: 1 },
        fill: { value: seriesColor(0) },
      },
    },
  };
}

const HOUR_MS = 3_600_000;

/** As exact as a stretch of time asks for. */
function timeFormat(instants: readonly number[]): Partial<Axis> {
  const hours = (Math.max(...instants) - Math.min(...instants)) / HOUR_MS;
  const format = hours < 1 ? "%H:%M:%S" : hours < 48 ? "%H:%M" : "%b %d";
  return { formatType: "utc", format };
}

const FONT = { font: "system-ui, sans-serif", size: 12 };

function axis(orient: "bottom" | "left", scale: string, change: Partial<Axis>): Axis {
  return {
    ...{ orient, scale, aria: false, ticks: false, domainColor: "var(--line)", gridColor: "var(--line)" },
    ...{ labelColor: "var(--ink)", labelFont: FONT.font, labelFontSize: FONT.size, labelPadding: 6 },
    ...{
      titleColor: "var(--ink)",
      titleFont: FONT.font,
      titleFontSize: FONT.size,
      titleFontWeight: "bold" as const,
    },
    ...change,
  };
}

async function chart(specOf: (width: number) => Spec): Promise<Awaited<Html>> {
  const drawn = await Promise.all(
    Object.entries(WIDTHS).map(async ([name, width]) => {
      const autosize = { type: "fit-x", contains: "padding" } as const;
      const spec: Spec = { width, padding: 4, autosize, ...specOf(width) };
      const svg = await new View(parse(spec), { renderer: "none" }).toSVG();
      return `<div class="${name}">${svg}</div>`;
    }),
  );
  return raw(drawn.join(""));
}
