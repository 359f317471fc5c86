import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { openScreen } from "../../src/commands/screen.ts";

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
