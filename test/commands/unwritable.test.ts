import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test as plainTest } from "vitest";
import { freshFolder } from "../setup/fresh-folder.ts";
import { type Ran, runCli } from "./cli.ts";
import { expectRefusal } from "./refusal.ts";
import { addMigration, startRig } from "./rig.ts";

const CLI = join(import.meta.dirname, "..", "..", "src", "cli.ts");
/** A device of Linux that answers as a full disk does. */
const FULL = "/dev/full";
const test = plainTest.skipIf(process.platform !== "linux");

/** Runs a command whose output goes onto a full disk. */
async function runOntoFullDisk(
  words: string[],
  env: Record<string, string> = {},
): Promise<Omit<Ran, "stdout">> {
  const folder = freshFolder();
  const full = openSync(FULL, "w");
  const child = spawn(process.execPath, [CLI, ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    stdio: ["ignore", full, "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  closeSync(full);
  if (child.stderr === null) throw new Error("Standard error is a pipe.");
  const [stderr] = await Promise.all([text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stderr };
}

async function reportable() {
  const rig = await startRig();
  await addMigration(rig, "client_double");
  return rig;
}

test.each([["--help"], ["check", "--help"], ["--version"]])(
  "output onto a full disk is one sentence and a failure: %s %s",
  async (...words) => {
    expect(await runOntoFullDisk(words)).toEqual({
      code: 1,
      stderr: "Standard output cannot be written: its disk is full.\n",
    });
  },
);

test("a report whose summary cannot be printed is a failure too", async () => {
  const { settings, folder } = await reportable();
  expect(await runOntoFullDisk(["report", "--out", join(folder, "report")], settings)).toEqual({
    code: 1,
    stderr: "Standard output cannot be written: its disk is full.\n",
  });
});

test("a report to where no folder can be made ends at once with a sentence", async () => {
  const { settings, folder } = await reportable();
  for (const out of ["/proc/x", "/proc/x/y/z"])
    expectRefusal(
      await runCli(["report", "--out", out], folder, settings),
      /^The folder \/proc\/x\S* cannot be made or read: .*; name another one with --out\.$/m,
    );
});

test("a report into folders that are not there makes them", async () => {
  const { settings, folder } = await reportable();
  const { code } = await runCli(["report", "--out", "a/b/c"], folder, settings);
  expect(code).toBe(0);
  expect(readdirSync(join(folder, "a", "b", "c"))).toContain("summary.json");
});

test("a report that cannot be written is one sentence and a failure, and leaves nothing half written", async () => {
  const { settings, folder } = await reportable();
  mkdirSync(join(folder, "out", "users.csv"), { recursive: true });
  const { code, stderr } = await runCli(["report", "--out", "out", "--force"], folder, settings);
  expect(stderr).toBe("The report cannot be written into out: it is a folder.\n");
  expect(code).toBe(1);
  expect(readdirSync(join(folder, "out"))).toEqual(["users.csv"]);
});
