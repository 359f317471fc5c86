import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import { shellLine } from "../src/domain/shell-line.ts";
import { notesOf } from "./release/changelog.ts";
import { runTool } from "./run-tool.ts";

const USAGE = `node_modules/.bin/node tools/release.ts [--dry-run] [--publish] [--image spillway]

Releases the version of package.json, in the folder of a clone: all checks, the npm package, the tag, the notes.
It prints the commands that publish it, and runs none of them without --publish.

  --dry-run      looks whether it can be released, and tells what would be done
  --publish      runs the commands that publish it, too
  --image NAME   where the container image goes, for example registry.example.com/team/spillway
`;

interface Options {
  dryRun: boolean;
  publish: boolean;
  image: string;
}

interface Release {
  version: string;
  notes: string;
  /** What was looked at; checked, packed and tagged is nothing else. */
  commit: string;
}

function readOptions(): Options | "help" | null {
  try {
    const { values } = parseArgs({
      options: {
        "dry-run": { type: "boolean", default: false },
        publish: { type: "boolean", default: false },
        image: { type: "string", default: "spillway" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return "help";
    return { dryRun: values["dry-run"], publish: values.publish, image: values.image };
  } catch {
    return null;
  }
}

function release({ dryRun, publish, image }: Options): Promise<void> {
  const found = releasable();
  if ("refusal" in found) {
    process.stderr.write(`${found.refusal}\n`);
    process.exitCode = 2;
    return Promise.resolve();
  }
  const { version, notes } = found;
  const isDone = dryRun || stepsOf(found).every(({ words, input }) => run(words, input) && isAsFound(found));
  if (!isDone) return Promise.resolve();
  const done = dryRun ? stepsOf(found).map(({ words }) => `  ${shellLine(words)}\n`) : [];
  process.stdout.write(`Spillway ${version}\n\n${notes}\n\n`);
  if (dryRun) process.stdout.write(`Would be run:\n${done.join("")}\n`);
  const publishing = publishingOf(version, image);
  if (publish && !dryRun) publishing.every((words) => run(words));
  else
    process.stdout.write(`To publish it:\n${publishing.map((words) => `  ${shellLine(words)}\n`).join("")}`);
  return Promise.resolve();
}

/** What is to be released from this folder, or the sentence that says why nothing is. */
function releasable(): Release | { refusal: string } {
  if (!existsSync("package.json"))
    return { refusal: "Here is no package.json; call it in the folder of a clone." };
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync("package.json", "utf8")));
  const changelog = existsSync("CHANGELOG.md") ? readFileSync("CHANGELOG.md", "utf8") : "";
  const notes = notesOf(changelog, version);
  if (notes === null)
    return {
      refusal: `CHANGELOG.md has nothing under "## [${version}] - DATE"; write there what changes for users.`,
    };
  const dirty = changes();
  if (dirty !== "")
    return { refusal: `The tree has changes that are not committed; commit or stash them:\n${dirty}` };
  if (git("tag", "--list", tagOf(version)) !== "")
    return { refusal: `The tag ${tagOf(version)} is there already; raise the version in package.json.` };
  return { version, notes, commit: git("rev-parse", "HEAD") };
}

/** The checks take an hour, in which somebody may go on working in this folder. */
function isAsFound({ commit }: Release): boolean {
  const dirty = changes();
  const head = git("rev-parse", "HEAD");
  if (dirty === "" && head === commit) return true;
  const what = dirty === "" ? `HEAD is ${head} by now` : `The tree has changes by now:\n${dirty}`;
  process.stderr.write(`What was checked is ${commit}. Start again. ${what}\n`);
  process.exitCode = 1;
  return false;
}

function changes(): string {
  return git("status", "--porcelain");
}

/** In this order, until one fails. */
function stepsOf({ version, notes, commit }: Release): { words: string[]; input?: string }[] {
  return [
    { words: [".ci/run"] },
    { words: [process.execPath, "tools/package.ts"] },
    // A line of the notes that begins with # is a heading.
    {
      words: ["git", "tag", "--annotate", tagOf(version), commit, "--cleanup=verbatim", "--file=-"],
      input: `Spillway ${version}\n\n${notes}\n`,
    },
  ];
}

function publishingOf(version: string, image: string): string[][] {
  return [
    ["git", "push", "origin", tagOf(version)],
    ["npm", "publish", `dist/spillway-${version}.tgz`, "--access", "public"],
    // Each image of docker-compose.yml, by its digest.
    ["docker", "compose", "pull", "--ignore-buildable"],
    ["docker", "build", "--tag", `${image}:${version}`, "."],
    ["docker", "push", `${image}:${version}`],
  ];
}

function tagOf(version: string): string {
  return `v${version}`;
}

function git(...words: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${words.join(" ")}: ${stderr}`);
  return stdout.trimEnd();
}

/** False where it failed: then the exit code is ours as well. */
function run(words: readonly string[], input?: string): boolean {
  const [program = "", ...args] = words;
  const { status } = spawnSync(program, args, {
    stdio: [input === undefined ? "ignore" : "pipe", "inherit", "inherit"],
    ...(input !== undefined && { input }),
  });
  if (status === 0) return true;
  process.stderr.write(`It stopped at: ${shellLine(words)}\n`);
  process.exitCode = 1;
  return false;
}

await runTool(USAGE, readOptions, release);
