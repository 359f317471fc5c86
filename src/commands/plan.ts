import { EXIT_WRONG_USE } from "../exit.ts";
import { migrationRun, readForStart } from "./migrate.ts";

/** A dry run of the file, whatever it says of dry runs: a pipeline goes on with its exit code. */
export async function plan(path: string): Promise<void> {
  const { settings, migration } = await readForStart(path, (file) => ({ ...file, dryRun: true }));
  const { workToEnd } = await import("./work-to-end.ts");
  const ended = await workToEnd(settings, {
    ...migrationRun(migration, settings, path),
    verb: "plan",
    mayAttach: false,
  });
  if (ended?.kind !== "done" || ended.summary.mode !== undefined) return;
  const { blockers = 0, undecided = 0 } = ended.summary;
  if (blockers > 0 || undecided > 0) process.exitCode = EXIT_WRONG_USE;
}
