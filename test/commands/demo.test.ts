import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freshFolder } from "../setup/fresh-folder.ts";
import { startProgram } from "./cli.ts";

const DEMO = join(import.meta.dirname, "..", "..", "tools", "demo.ts");

test("the demo survives its kill and finds nothing wrong", async () => {
  // Enough that half of them still take a while when the first half is seen to be done.
  const { code, stdout } = await startProgram([DEMO, "--users", "800"], freshFolder(), {}).ended;
  const report = /^Report +(.+)$/m.exec(stdout)?.[1];
  if (report !== undefined) rmSync(report, { recursive: true });
  expect(stdout).toMatch(/temporal workflow start .*--type migrateUserPool/);
  expect(stdout).toMatch(/was killed with SIGKILL/);
  expect(stdout).toMatch(/The first import after the kill came \d+\.\d s later/);
  expect(stdout).toMatch(/Audit +everyone has exactly one outcome/);
  expect(code).toBe(0);
});

test("the demo refuses an option it does not know", async () => {
  const { code, stderr } = await startProgram([DEMO, "--user", "1"], freshFolder(), {}).ended;
  expect(stderr).toMatch(/--users N/);
  expect(code).toBe(2);
});
