import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { notesOf } from "../../tools/release/changelog.ts";
import { ROOT } from "../docs/pages.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-11-30

### Added

- A thing.

## [1.1.0] - 2026-11-01

- An earlier one.
`;

/** A clean clone of a project at 1.2.0. */
function clone(changelog = CHANGELOG) {
  const folder = freshFolder();
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...words], { cwd: folder });
  writeFileSync(join(folder, "package.json"), '{"version": "1.2.0"}');
  writeFileSync(join(folder, "CHANGELOG.md"), changelog);
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "all");
  const release = (...options: string[]) => {
    const words = [join(ROOT, "tools/release.ts"), ...options];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
    return { code: status, stdout, stderr };
  };
  return { folder, git, release };
}

test("a dry run shows the notes, what would be run, and what publishes it, and does nothing", () => {
  const { git, release } = clone();
  const { code, stdout, stderr } = release("--dry-run", "--image", "registry.example.com/team/spillway");
  expect(stderr).toBe("");
  expect(stdout).toContain("Spillway 1.2.0\n\n### Added\n\n- A thing.\n\nWould be run:\n  .ci/run\n");
  expect(stdout).toMatch(/\n {2}git tag --annotate v1\.2\.0 /);
  expect(stdout).toContain("\n  npm publish dist/spillway-1.2.0.tgz --access public\n");
  expect(stdout).toContain("\n  docker push registry.example.com/team/spillway:1.2.0\n");
  expect(code).toBe(0);
  expect(String(git("tag"))).toBe("");
});

test("a tree with changes is not released", () => {
  const { folder, release } = clone();
  writeFileSync(join(folder, "new.txt"), "");
  expect(release("--dry-run")).toMatchObject({
    code: 2,
    stdout: "",
    stderr: "The tree has changes that are not committed; commit or stash them:\n?? new.txt\n",
  });
});

test.each(["# Changelog\n", CHANGELOG.replace("### Added\n\n- A thing.\n", "")])(
  "a version without notes is not released",
  (changelog) => {
    expect(clone(changelog).release("--dry-run")).toMatchObject({
      code: 2,
      stderr: 'CHANGELOG.md has nothing under "## [1.2.0] - DATE"; write there what changes for users.\n',
    });
  },
);

test("a version is released once", () => {
  const { git, release } = clone();
  git("tag", "v1.2.0");
  expect(release("--dry-run").stderr).toMatch(/^The tag v1\.2\.0 is there already; raise the version/);
});

test("a check that fails ends it, without a tag", () => {
  const { git, release } = clone();
  const { code, stderr } = release();
  expect(stderr).toBe("It stopped at: .ci/run\n");
  expect(code).toBe(1);
  expect(String(git("tag"))).toBe("");
});

test.each([
  [
    "a file",
    "echo 1 > new.txt",
    /^What was checked is [0-9a-f]{40}\. Start again\. The tree has changes by now:\n\?\? new\.txt\n$/,
  ],
  [
    "a commit",
    "git -c user.name=t -c user.email=t@example.com commit --quiet --allow-empty --message x",
    / Start again\. HEAD is [0-9a-f]{40} by now\n$/,
  ],
])("%s that comes while the checks run is not released with what was checked", (_, change, says) => {
  const { folder, git, release } = clone();
  mkdirSync(join(folder, ".ci"));
  writeFileSync(join(folder, ".ci/run"), `#!/bin/sh\n${change}\n`, { mode: 0o755 });
  git("add", ".");
  git("commit", "--quiet", "--message", "checks");
  const { code, stderr } = release();
  expect(stderr).toMatch(says);
  expect(code).toBe(1);
  expect(String(git("tag"))).toBe("");
});

test("this version has its notes", () => {
  const changelog = readFileSync(join(ROOT, "CHANGELOG.md"), "utf8");
  expect(notesOf(changelog, manifest.version)).not.toBeNull();
});
