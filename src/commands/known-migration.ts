import type { MigrationRow } from "../ledger/runs.ts";
import type { Settings } from "../settings.ts";
import { askDestination } from "./ask.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { destinationHere } from "./preflight.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";

/** The migration of a pool that the ledger here knows, for a run of it; its destination lets these settings in. */
export async function knownMigrationHere(
  pool: string,
  { environment }: Pick<Choice, "environment">,
): Promise<{ settings: Settings; migration: MigrationRow }> {
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  const migration = await withLedger(ledger, () => chooseMigration(ledger, { pool, environment }, settings));
  const destination = destinationHere(migration, settings);
  await askDestination(destination, () => destination.checkAccess());
  return { settings, migration };
}
