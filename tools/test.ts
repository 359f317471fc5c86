import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { tally } from "./tally.ts";

/** Lint, types and tests, whatever fails before; the last line is "N passed, N failed". Arguments go to vitest. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const reportFile = join(root, "test-results.json");

function run(program: string, args: readonly string[]): boolean {
  const { status } = spawnSync(join(root, "node_modules", ".bin", program), args, {
    cwd: root,
    stdio: "inherit",
  });
  return status === 0;
}

function vitestReport(): unknown {
  try {
    return JSON.parse(readFileSync(reportFile, "utf8"));
  } catch {
    return null;
  }
}

rmSync(reportFile, { force: true });
const lint = run("biome", ["ci", "."]);
const types = run("tsc", ["--noEmit"]);
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
const tests = run("vitest", ["run", ...reporters, ...process.argv.slice(2)]);

const { passed, failed, skipped } = tally({ lint, types, tests, report: vitestReport() });
console.log(`\nlint ${lint ? "passed" : "failed"}, types ${types ? "passed" : "failed"}`);
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
