import { PassThrough } from "node:stream";
import { WriteStream } from "node:tty";
import { stripVTControlCharacters } from "node:util";
import { beforeEach, expect, test, vi } from "vitest";
import { ProgressRows } from "../../src/commands/progress-rows.ts";
import { openScreen } from "../../src/commands/screen.ts";

beforeEach(() => {
  vi.stubEnv("TERM", "xterm");
  return () => vi.unstubAllEnvs();
});

function terminalOf(columns: number, rows: number) {
  return Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: true, columns, rows });
}

test("without a terminal a line tells what was done, and none what was not", () => {
  const stream = new PassThrough({ encoding: "utf8" });
  // A screen asks a stream for its width and writes to it.
  const screen = openScreen(stream as unknown as NodeJS.WriteStream);
  screen.show([
    { phase: "resets", settled: 0, share: null, text: "nothing to do" },
    { phase: "report", settled: 3, share: 1, text: "3 of 3" },
  ]);
  screen.close();
  expect(stream.read()).toBe("report       3 of 3\n");
});

test("phases that a run leaves out are not shown, and one finding is told as one", () => {
  const totals = { assess: { done: 1, failed: 0, skipped: 0, of: 1 } };
  const rows = new ProgressRows().of(totals, ["assess", "report"]);
  expect(rows.map(({ phase, text }) => [phase, text])).toEqual([
    ["assess", "1 finding"],
    ["report", ""],
  ]);
});

test("a terminal drops the bars of phases that turn out to be left out", () => {
  const stream = terminalOf(120, 40);
  const screen = openScreen(stream as unknown as NodeJS.WriteStream);
  const rows = new ProgressRows();
  screen.show(rows.of({}));
  screen.show(rows.of({}, ["assess", "report"]));
  stream.read();
  screen.close();
  const last = String(stream.read());
  expect(last).toContain("report");
  expect(last).not.toContain("users");
});

test("the whole run has a line without a bar at a terminal, and none elsewhere", () => {
  const whole = { phase: "whole run", settled: 0, share: null, text: "30 s so far" } as const;
  const terminal = terminalOf(80, 20);
  const bars = openScreen(terminal as unknown as NodeJS.WriteStream);
  bars.show([whole]);
  terminal.read();
  bars.close();
  expect(stripVTControlCharacters(String(terminal.read()))).toMatch(/^whole run {3}30 s so far/m);
  const file = new PassThrough({ encoding: "utf8" });
  const lines = openScreen(file as unknown as NodeJS.WriteStream);
  lines.show([whole]);
  lines.close();
  expect(file.read()).toBeNull();
});

test("a line that is wider than the terminal is cut off visibly: half a number would be read as one", () => {
  const stream = terminalOf(40, 20);
  const screen = openScreen(stream as unknown as NodeJS.WriteStream);
  screen.show([{ phase: "credentials", settled: 6, share: 0.5, text: "1,035 of 1,802, 105/s" }]);
  stream.read();
  screen.close();
  const last = stripVTControlCharacters(String(stream.read()));
  // Drawn twice on its row, each time over all of it.
  const drawn = last.split("\n").find((one) => one.includes("credentials")) ?? "";
  expect(drawn.trim().slice(-39)).toMatch(/^credentials .* 1,035 of…$/);
});

test("the last column stays free: clearing the rest of a line takes away the character under the cursor", () => {
  const stream = terminalOf(40, 20);
  const screen = openScreen(stream as unknown as NodeJS.WriteStream);
  // As wide as the terminal.
  screen.show([{ phase: "snapshot", settled: 600, share: 1, text: "600 of 600" }]);
  stream.read();
  screen.close();
  const last = stripVTControlCharacters(String(stream.read()));
  expect(last).toContain("600 of 6…");
  expect(last).not.toContain("600 of 60");
});

test("a terminal that moves no cursor gets lines, not bars", () => {
  vi.stubEnv("TERM", "dumb");
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: true, columns: 80, rows: 24 });
  const screen = openScreen(stream as unknown as NodeJS.WriteStream);
  screen.show([{ phase: "report", settled: 3, share: 1, text: "3 of 3" }]);
  screen.close();
  expect(stream.read()).toBe("report       3 of 3\n");
});

test.each([
  [
    "coloured",
    { NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined },
    "[12:00:00] \x1b[31mBlocked\x1b[39m: it is.\n",
  ],
  [
    "plain where nobody wants colours",
    { NO_COLOR: "1", FORCE_COLOR: undefined, CI: undefined },
    "[12:00:00] Blocked: it is.\n",
  ],
])("the state that a text begins with is %s, and the words say it too", (_, environment, shown) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  // A stream of Node's own tells how many colours it shows.
  const stream = Object.assign(terminalOf(80, 20), {
    getColorDepth: () => WriteStream.prototype.getColorDepth(),
  });
  const screen = openScreen(stream as unknown as NodeJS.WriteStream);
  screen.say("[12:00:00] Blocked: it is.", "bad");
  expect(stream.read()).toBe(shown);
});

test("a name from outside brings no colour of its own", () => {
  const stream = terminalOf(80, 20);
  openScreen(stream as unknown as NodeJS.WriteStream).say("\x1b[32mfine\x1b[39m: yes", "bad");
  expect(String(stream.read())).not.toContain("\x1b[32m");
});
