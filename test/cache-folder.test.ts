import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cacheFolder } from "../src/cache-folder.ts";
import { freshFolder } from "./setup/fresh-folder.ts";

const NAME = "code";
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** A cache with this folder in it, as somebody left them. */
function standing({ mode = 0o700, cacheMode = 0o755 } = {}): string {
  const cache = freshFolder();
  mkdirSync(join(cache, NAME));
  chmodSync(join(cache, NAME), mode);
  chmodSync(cache, cacheMode);
  return cache;
}

test.each([0o000, 0o002, 0o022])("a new folder of code is its owner's alone, at umask %o", (umask) => {
  const before = process.umask(umask);
  onTestFinished(() => void process.umask(before));
  const cache = join(freshFolder(), "spillway");
  expect(cacheFolder(NAME, cache)).toBe(join(cache, NAME));
  expect([modeOf(cache), modeOf(join(cache, NAME))]).toEqual(["755", "700"]);
});

test("a folder of code that others could read is closed, and used", () => {
  const cache = standing({ mode: 0o755 });
  expect(cacheFolder(NAME, cache)).toBe(join(cache, NAME));
  expect(modeOf(join(cache, NAME))).toBe("700");
});

test.each([0o777, 0o775, 0o702])(
  "a folder of code that others could write, of mode %o, is not used",
  (mode) => {
    expect(cacheFolder(NAME, standing({ mode }))).toBeNull();
  },
);

test("nobody can put another folder in its place any more", () => {
  const cache = standing({ cacheMode: 0o777 });
  expect(cacheFolder(NAME, cache)).toBe(join(cache, NAME));
  expect(modeOf(cache)).toBe("755");
});

test("a link in its place is not used", () => {
  const cache = freshFolder();
  symlinkSync(freshFolder(), join(cache, NAME));
  expect(cacheFolder(NAME, cache)).toBeNull();
});

// Nobody else can give a folder away.
test.runIf(process.getuid?.() === 0).each(["", NAME])(
  "a folder of somebody else is not used: '%s'",
  (name) => {
    const cache = standing();
    chownSync(join(cache, name), 4_321, 4_321);
    expect(cacheFolder(NAME, cache)).toBeNull();
  },
);

test("where no folder can be made there is none", () => {
  expect(cacheFolder(NAME, join(import.meta.filename, "spillway"))).toBeNull();
});
