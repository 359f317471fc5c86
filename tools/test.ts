import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tally } from "./tally.ts";

/**
 * One stage of the tests, whatever fails on the way; the last line is "N passed, N failed". The first stage has lint,
 * types and unused code with it; `--long` is the second, with the tests of many kills and waits. All other arguments go
 * to vitest.
 */

const ROOT = join(import.meta.dirname, "..");
const LONG = "--long";
/** Of a stage's tests, so that a run of both has an end. */
const TIME_LIMITS_MS = { short: 20 * 60_000, long: 46 * 60_000 };

function run(program: string, args: readonly string[], timeoutMs?: number): boolean {
  const { status, signal } = spawnSync(join(ROOT, "node_modules", ".bin", program), args, {
    cwd: ROOT,
    stdio: "inherit",
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
  });
  if (signal !== null) console.log(`\n${program} was ended by ${signal}.`);
  return status === 0;
}

function runChecks(): Record<string, boolean> {
  return {
    lint: run("biome", ["ci", "."]),
    types: run("tsc", ["--noEmit"]),
    "unused code": run("knip", []),
  };
}

function runTests(stage: "short" | "long", args: readonly string[]): { tests: boolean; report: unknown } {
  const reportFile = join(ROOT, `test-results-${stage}.json`);
  rmSync(reportFile, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const tests = run("vitest", ["run", "--project", stage, ...reporters, ...args], TIME_LIMITS_MS[stage]);
  return { tests, report: readReport(reportFile) };
}

function readReport(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

const args = process.argv.slice(2);
const stage = args[0] === LONG ? "long" : "short";
const checks = stage === "short" ? runChecks() : {};
const outcome = runTests(stage, stage === "long" ? args.slice(1) : args);

const { passed, failed, skipped } = tally({ checks, ...outcome });
const verdicts = Object.entries(checks).map(([name, good]) => `${name} ${good ? "passed" : "failed"}`);
if (verdicts.length > 0) console.log(`\n${verdicts.join(", ")}`);
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
