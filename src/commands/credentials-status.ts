import { EXIT_FAILED } from "../exit.ts";
import { createSecretStore } from "../secrets/create-store.ts";
import { columnsOf } from "../wrap.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { countMissing, credentialsStanding } from "./credentials-standing.ts";
import { credentialsText } from "./credentials-text.ts";
import { destinationOf } from "./preflight.ts";
import { say, sayJson } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";

interface StatusOptions extends Choice {
  json?: boolean;
}

export async function status(options: StatusOptions): Promise<void> {
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  const standing = await withLedger(ledger, async () => {
    const migration = await chooseMigration(ledger, options, settings);
    return credentialsStanding(ledger, migration, destinationOf(migration.file, settings));
  });
  const { place } = await createSecretStore(settings.secrets);
  if (options.json) sayJson({ ...standing, secretsIn: place });
  else say(credentialsText(standing, place, columnsOf(process.stdout)));
  if (countMissing(standing) > 0) process.exitCode = EXIT_FAILED;
}
