import { join } from "node:path";
import { expect, test } from "vitest";
import { startProgram } from "../commands/cli.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

const PLAYGROUND = join(import.meta.dirname, "../../tools/playground.ts");

test.each([
  [["--users", "abc"], /^--users takes a whole number above 0; it was given "abc"\.\n/],
  [["--user", "1"], /^Unknown option '--user'/],
])("the playground says what is wrong with %j, then how it is called", async (words, told) => {
  const { code, stderr } = await startProgram([PLAYGROUND, ...words], freshFolder(), {}).ended;
  expect(stderr).toMatch(told);
  expect(stderr).toContain("--users N");
  expect(code).toBe(2);
});
