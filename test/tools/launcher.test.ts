import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../docs/pages.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

/** `spillway` as a package has it, called over a link as npm makes one, with a Node of this version on PATH. */
function called(version: string) {
  const folder = freshFolder();
  const [home, bin] = [join(folder, "spillway"), join(folder, "bin")];
  mkdirSync(join(home, "src"), { recursive: true });
  mkdirSync(bin);
  copyFileSync(join(ROOT, "spillway"), join(home, "spillway"));
  writeFileSync(join(home, "src/cli.js"), "");
  symlinkSync("../spillway/spillway", join(bin, "spillway"));
  writeFileSync(
    join(bin, "node"),
    `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else echo "$SPILLWAY_CALLED_AS" "$@"; fi\n`,
  );
  chmodSync(join(bin, "node"), 0o755);
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  const { status, stdout, stderr } = spawnSync(join(bin, "spillway"), ["check", "a b"], {
    encoding: "utf8",
    env,
  });
  return { code: status, stdout: stdout.replaceAll(folder, ""), stderr };
}

test.each(["v24.2.0", "v24.21.0", "v25.0.0", "v30.1.0"])(
  "a package runs on Node %s, and knows its own name",
  (version) => {
    const { code, stdout } = called(version);
    expect(stdout).toMatch(/^\/bin\/spillway --max-.* \/spillway\/src\/cli\.js check a b\n$/);
    expect(code).toBe(0);
  },
);

test.each(["v18.20.0", "v22.11.0", "v24.1.0", "v9.0.0"])(
  "a package says what it lacks on Node %s",
  (version) => {
    expect(called(version)).toEqual({
      code: 2,
      stdout: "",
      stderr: "Spillway needs Node 24.2 or newer on PATH; install it from https://nodejs.org.\n",
    });
  },
);
