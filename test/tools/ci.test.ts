import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freshFolder } from "../setup/fresh-folder.ts";

/** Runs .ci/run with an `npm` that writes down its arguments and then acts as the script for its stage says. */
function runCi(stages: { short: string; long: string }) {
  const folder = freshFolder();
  const bin = join(folder, "bin");
  mkdirSync(bin);
  cpSync(".ci", join(folder, ".ci"), { recursive: true });
  const calls = join(folder, "calls");
  writeFileSync(
    join(bin, "npm"),
    `#!/bin/sh\necho "$*" >> "${calls}"\nif [ "$*" = "test" ]; then\n${stages.short}\nelse\n${stages.long}\nfi\n`,
  );
  chmodSync(join(bin, "npm"), 0o755);
  const { status, stdout } = spawnSync(join(folder, ".ci/run"), [], {
    cwd: "/",
    env: { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin` },
    encoding: "utf8",
  });
  const lines = stdout.trimEnd().split("\n");
  return { status, last: lines.at(-1), lines, calls: readFileSync(calls, "utf8").trim().split("\n") };
}

test("CI runs both stages and adds their counts", () => {
  const seen = runCi({ short: 'echo "7 passed, 0 failed"', long: 'echo "3 passed, 0 failed"' });
  expect(seen).toMatchObject({ status: 0, last: "10 passed, 0 failed" });
  expect(seen.calls).toEqual(["test", "run test:long"]);
  expect(seen.lines).toContain("7 passed, 0 failed");
});

test("CI runs the second stage after a failed first one, and fails", () => {
  const seen = runCi({ short: 'echo "7 passed, 2 failed"; exit 1', long: 'echo "3 passed, 0 failed"' });
  expect(seen).toMatchObject({ status: 1, last: "10 passed, 2 failed" });
  expect(seen.calls).toEqual(["test", "run test:long"]);
});

test("CI counts a stage without a count as failed", () => {
  const seen = runCi({ short: "kill -9 $$", long: 'echo "3 passed, 0 failed"; echo a last word' });
  expect(seen).toMatchObject({ status: 1, last: "3 passed, 1 failed" });
});

test("CI counts a stage that fails without a failed test", () => {
  const seen = runCi({ short: 'echo "7 passed, 0 failed"; exit 3', long: 'echo "3 passed, 0 failed"' });
  expect(seen).toMatchObject({ status: 1, last: "10 passed, 1 failed" });
});
