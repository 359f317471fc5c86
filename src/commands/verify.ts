import { EXIT_FAILED } from "../exit.ts";
import { askDestination } from "./ask.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { destinationHere, placeOf } from "./preflight.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";

/** Compares what stands with what was written, here and now: a pipeline goes on with its exit code. */
export async function verify(pool: string, { environment }: Pick<Choice, "environment">): Promise<void> {
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  const migration = await withLedger(ledger, () => chooseMigration(ledger, { pool, environment }, settings));
  const destination = destinationHere(migration, settings);
  await askDestination(destination, () => destination.checkAccess());
  const { workToEnd } = await import("./work-to-end.ts");
  const ended = await workToEnd(settings, {
    workflowType: "verifyMigration",
    verb: "verify",
    userPoolId: pool,
    environment: migration.environment,
    input: { userPoolId: pool, destination: placeOf(migration) },
    mayAttach: true,
    next: "For each difference and what mends it: ./spillway report --out report",
  });
  if (ended?.kind === "done" && ended.summary.mode === "verify" && ended.summary.differences > 0)
    process.exitCode = EXIT_FAILED;
}
