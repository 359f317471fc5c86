import { EXIT_FAILED } from "../exit.ts";
import type { Choice } from "./choose-migration.ts";
import { knownMigrationHere } from "./known-migration.ts";

/** Tries again what failed, here and now: a pipeline goes on with its exit code. */
export async function redrive(pool: string, choice: Pick<Choice, "environment">): Promise<void> {
  const { settings, migration } = await knownMigrationHere(pool, choice);
  const { workToEnd } = await import("./work-to-end.ts");
  const ended = await workToEnd(settings, {
    workflowType: "redriveMigration",
    verb: "redrive",
    userPoolId: pool,
    environment: migration.environment,
    input: { userPoolId: pool, destination: migration.file.destination },
    mayAttach: true,
    next: "How everyone has ended by now: ./spillway report --out report",
  });
  if (ended?.kind === "done" && ended.summary.mode === "redrive" && ended.summary.failed > 0)
    process.exitCode = EXIT_FAILED;
}
