import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { openScreen } from "../../../src/commands/screen.ts";
import { TerminalScreen } from "../../../tools/pictures/terminal-screen.ts";

test("shows what our own screen draws: what was said, then each bar once, as it is now", () => {
  vi.stubEnv("TERM", "xterm");
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: true, columns: 80, rows: 20 });
  const drawn = new TerminalScreen(80);
  // A terminal begins a new line where a program only ends one.
  stream.on("data", (text: string) => drawn.write(text.replaceAll("\n", "\r\n")));
  const screen = openScreen(stream as unknown as NodeJS.WriteStream);
  screen.show([{ phase: "users", settled: 3, share: 0.5, text: "3 of 6" }]);
  screen.say("[12:00:00] The run goes on.");
  screen.show([{ phase: "users", settled: 6, share: 1, text: "6 of 6" }]);
  screen.close();
  vi.unstubAllEnvs();
  expect(drawn.text()).toMatch(/^\[12:00:00\] The run goes on\.\nusers +█+ 100 % {2}6 of 6$/);
});

test("wraps what is wider than the terminal, unless it was told to cut it off", () => {
  const screen = new TerminalScreen(4);
  screen.write("abcdef\r\n\x1b[?7labcdef\r\n\x1b[?7h1234");
  expect(screen.text()).toBe("abcd\nef\nabcf\n1234");
});

test("keeps colours, and reads a sequence that comes in two pieces", () => {
  const screen = new TerminalScreen(10);
  screen.write("\x1b[3");
  screen.write("3mW\x1b[39mx");
  expect(screen.rows()).toEqual([
    [
      { character: "W", colour: "yellow" },
      { character: "x", colour: null },
    ],
  ]);
});

test("throws at a sequence that it does not know: the picture would be wrong", () => {
  const screen = new TerminalScreen(10);
  expect(() => screen.write("\x1b[2S")).toThrow("does not know");
  expect(() => screen.write("\x1b7")).toThrow("does not know");
});
