import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { trackedFiles } from "../../tools/release/tracked.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

test("what a clone is packed of is what git has, not what lies beside it", () => {
  const folder = freshFolder();
  const write = (path: string) => writeFileSync(join(folder, path), "");
  mkdirSync(join(folder, "examples/sign in"), { recursive: true });
  writeFileSync(join(folder, ".gitignore"), "*.db\nspillway-secrets.json*\n");
  for (const path of ["LICENSE", "examples/minimal.json", "examples/sign in/é.ts", "other.ts"]) write(path);
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  execFileSync("git", ["add", "."], { cwd: folder });
  // Ignored, so that a release sees a clean tree, and simply new.
  for (const path of ["spillway.db", "spillway-secrets.json", ".env"]) write(join("examples", path));
  expect(trackedFiles(folder, ["LICENSE", "examples"]).toSorted()).toEqual([
    "LICENSE",
    "examples/minimal.json",
    "examples/sign in/é.ts",
  ]);
});
