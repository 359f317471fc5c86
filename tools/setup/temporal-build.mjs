import { spawn } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, TEMPORAL_VERSION } from "./places.mjs";
import { SetupProblem } from "./problem.mjs";

const INSTALL =
  "install the Temporal CLI (https://docs.temporal.io/cli/setup-cli) so that `temporal` is on PATH";
const PROGRESS_EVERY_MS = 60_000;

/** Builds the CLI from the Go module proxy, for machines that reach that but no release archive. */
export async function buildTemporal(target) {
  const unfinished = `${target}.${process.pid}`;
  const startedMs = Date.now();
  const progress = setInterval(() => {
    console.error(`  … ${Math.round((Date.now() - startedMs) / 60_000)} min`);
  }, PROGRESS_EVERY_MS);
  try {
    await goBuild(unfinished);
    renameSync(unfinished, target);
  } finally {
    clearInterval(progress);
    rmSync(unfinished, { force: true });
  }
}

function goBuild(output) {
  const ldflags = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_VERSION}`;
  const build = [
    "build",
    "-trimpath",
    `-ldflags=${ldflags}`,
    "-o",
    output,
    "github.com/temporalio/cli/cmd/temporal",
  ];
  const go = spawn("go", build, {
    cwd: join(root, "tools", "temporal"),
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    go.once("spawn", () => {
      console.error(
        `Building the Temporal CLI ${TEMPORAL_VERSION} with Go; the first time takes about 6 minutes …`,
      );
    });
    go.once("error", () => {
      reject(
        new SetupProblem(
          `The Temporal CLI is not here and could not be downloaded: ${INSTALL}, or install Go 1.26 (https://go.dev/dl) to have it built, then start again.`,
        ),
      );
    });
    go.once("exit", (code) => {
      if (code === 0) resolve();
      else
        reject(
          new SetupProblem(
            `Building the Temporal CLI with Go failed, see above: ${INSTALL}, then start again.`,
          ),
        );
    });
  });
}
