import type { Command } from "commander";
import { UsageError } from "../exit.ts";
import { disownMigration } from "../ledger/runs.ts";
import { type Choice, chooseMigration, ENVIRONMENT_OPTION } from "./choose-migration.ts";
import { confirmOrLeave } from "./confirm.ts";
import { say } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";

interface TakeoverOptions extends Pick<Choice, "environment"> {
  region?: string;
  yes?: boolean;
}

export function addTakeover(program: Command): void {
  program
    .command("takeover")
    .description(
      "Frees a migration from a run that is gone and cannot be asked (its Temporal server was lost).",
    )
    .argument("<pool>", "the user pool")
    .option("--region <region>", "the pool's region; refused if it is another one")
    .option(...ENVIRONMENT_OPTION)
    .option("--yes", "do not ask")
    .action(takeover);
}

async function takeover(pool: string, options: TakeoverOptions): Promise<void> {
  const ledger = await openExistingLedger(requiredSettings().ledgerUrl);
  await withLedger(ledger, async () => {
    const migration = await chooseMigration(ledger, { pool, environment: options.environment });
    const { region } = migration.file.source;
    if (options.region !== undefined && options.region !== region)
      throw new UsageError(
        `The ledger's migration of ${pool} is in region ${region}, not ${options.region}.`,
      );
    const { owner } = migration;
    if (owner === null) return say(`No run owns the migration of ${pool}: the next one that starts gets it.`);
    await confirmOrLeave(
      `Run ${owner.firstRunId} of ${owner.workflowId} (namespace ${owner.namespace}) owns this migration. If it still works, two runs would import at once. Is it gone for certain?`,
      options.yes ?? false,
    );
    await ledger.write((tx) => disownMigration(tx, migration.id));
    say(`The migration of ${pool} is free: the next run that starts gets it.`);
  });
}
