import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { freshFolder } from "../setup/fresh-folder.ts";

/** With which heap Node runs, wherever a worker is started. */

const ROOT = join(import.meta.dirname, "../..");
const flagsIn = (words: readonly string[]) => words.filter((word) => word.startsWith("--")).sort();
const WORKER = flagsIn(manifest.scripts.worker.split(" "));

/** What `./spillway` starts for these words: a Node that only says what it was given. */
function started(words: readonly string[]): { flags: string[]; arenas: string } {
  const folder = freshFolder();
  const bin = join(folder, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  copyFileSync(join(ROOT, "spillway"), join(folder, "spillway"));
  writeFileSync(join(bin, "node"), '#!/bin/sh\necho "$MALLOC_ARENA_MAX" "$@"\n');
  chmodSync(join(bin, "node"), 0o755);
  const { stdout } = spawnSync(join(folder, "spillway"), words, {
    encoding: "utf8",
    env: { PATH: process.env.PATH },
  });
  const [arenas = "", ...given] = stdout.trim().split(" ");
  const file = given.findIndex((word) => word.endsWith("cli.ts"));
  expect(given.slice(file + 1)).toEqual(words);
  return { flags: flagsIn(given.slice(0, file)), arenas };
}

test.each(["worker", "migrate", "plan", "verify", "redrive", "undo"])(
  "%s works with the heap of a worker",
  (command) => {
    expect(started([command, "x"])).toEqual({ flags: WORKER, arenas: "2" });
  },
);

test("what only asks runs with a smaller one", () => {
  expect(started(["report", "--out", "x"]).flags).not.toEqual(WORKER);
});

test("the bridge has the heap that npm gives it", () => {
  const bridge = manifest.scripts.bridge.split(" ");
  expect(started(["bridge"])).toEqual({ flags: flagsIn(bridge), arenas: "2" });
});

test("npm run migrate is the same command", () => {
  expect(manifest.scripts.migrate).toBe("./spillway migrate");
});
