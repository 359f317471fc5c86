import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { runCli } from "./cli.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const MANIFEST = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));

test("tells its version", async () => {
  expect(await runCli(["--version"], ROOT)).toEqual({ code: 0, stdout: `${MANIFEST.version}\n`, stderr: "" });
});

test.each([
  [["chekc"], "./spillway --help"],
  [["--fast"], "./spillway --help"],
  [["check", "--fast"], "./spillway check --help"],
  [["migrate"], "./spillway migrate --help"],
  [["report"], "./spillway report --help"],
  [["watch", "a", "b"], "./spillway watch --help"],
  [["credentials", "portla"], "./spillway credentials --help"],
  [["credentials", "status", "--fast"], "./spillway credentials status --help"],
  [["credentials", "reveal"], "./spillway credentials reveal --help"],
])("a mistake in %j leads to %s", async (words, help) => {
  const { code, stderr } = await runCli(words, ROOT);
  expect(stderr.trimEnd().endsWith(`; see ${help}.`), stderr).toBe(true);
  expect(code).toBe(2);
});

test.each([
  [[], "Name a command; ./spillway --help lists them.\n"],
  [["credentials"], "Name a command; ./spillway credentials --help lists them.\n"],
])("%j alone asks for a command", async (words, sentence) => {
  const { code, stderr } = await runCli(words, ROOT);
  expect(stderr.endsWith(`\n${sentence}`), stderr).toBe(true);
  expect(code).toBe(2);
});

test.each([
  ["report", "--out"],
  ["timeline", "--days"],
  ["skip", "--reason"],
])("the help of %s says that %s is required", async (command, option) => {
  const { stdout } = await runCli([command, "--help"], ROOT);
  expect(stdout).toMatch(new RegExp(`^Usage: .* ${option} <`));
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(new RegExp(` ${option} <[^-]*\\(required\\)`));
});
