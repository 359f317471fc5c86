import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, setupLog, TEMPORAL_VERSION } from "./places.mjs";
import { SetupProblem } from "./problem.mjs";
import { runQuietly, showStep } from "./steps.mjs";

const INSTALL =
  "install the Temporal CLI (https://docs.temporal.io/cli/setup-cli) so that `temporal` is on PATH";
const USUAL_MS = 6 * 60_000;
const TELL_EVERY_MS = 1_000;

/** Builds the CLI from the Go module proxy, for machines that reach that but no release archive. */
export async function buildTemporal(target) {
  const unfinished = `${target}.${process.pid}`;
  try {
    // Nobody knows how far Go is: the bar stands still shortly before its end.
    const outcome = await showStep(
      `Building the Temporal CLI ${TEMPORAL_VERSION} with Go, which takes about 6 minutes once`,
      (tell) => whileToldBy(tell, () => goBuild(unfinished)),
    );
    if (outcome === "missing")
      throw new SetupProblem(
        `The Temporal CLI is not here and could not be downloaded: ${INSTALL}, or install Go 1.26 (https://go.dev/dl) to have it built, then start again.`,
      );
    if (outcome === "failed")
      throw new SetupProblem(
        `Building the Temporal CLI with Go failed, see ${setupLog}: ${INSTALL}, then start again.`,
      );
    renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

async function whileToldBy(tell, work) {
  const startedMs = Date.now();
  const timer = setInterval(() => tell(Math.min(0.99, (Date.now() - startedMs) / USUAL_MS)), TELL_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

function goBuild(output) {
  const ldflags = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_VERSION}`;
  const build = ["build", "-trimpath", `-ldflags=${ldflags}`, "-o", output];
  return runQuietly("go", [...build, "github.com/temporalio/cli/cmd/temporal"], {
    cwd: join(root, "tools", "temporal"),
  });
}
