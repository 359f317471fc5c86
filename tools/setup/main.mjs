import { installPackages } from "./packages.mjs";
import { SetupProblem } from "./problem.mjs";
import { provideTemporal } from "./temporal.mjs";

/**
 * Silent when there is nothing to do. A step that cannot be done ends in one sentence and exit code 1.
 * `--without-temporal` leaves out the Temporal CLI.
 */
export async function main(options) {
  const unknown = options.find((option) => option !== "--without-temporal");
  try {
    if (unknown !== undefined)
      throw new SetupProblem(`Unknown option ${unknown}; there is only --without-temporal.`);
    await installPackages();
    if (!options.includes("--without-temporal")) await provideTemporal();
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
