import { UsageError } from "../exit.ts";
import { disownMigration } from "../ledger/runs.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { confirmOrLeave } from "./confirm.ts";
import { whatTemporalSays } from "./owner-at-temporal.ts";
import { say } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";
import { checkOwnServer, targetInUse } from "./temporal-server.ts";

interface TakeoverOptions extends Pick<Choice, "environment"> {
  region?: string;
  yes?: boolean;
}

export async function takeover(pool: string, options: TakeoverOptions): Promise<void> {
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  await withLedger(ledger, async () => {
    const migration = await chooseMigration(ledger, { pool, environment: options.environment }, settings);
    const { region } = migration.file.source;
    if (options.region !== undefined && options.region !== region)
      throw new UsageError(
        `The ledger's migration of ${pool} is in region ${region}, not ${options.region}.`,
      );
    const { owner } = migration;
    if (owner === null) return say(`No run owns the migration of ${pool}: the next one that starts gets it.`);
    await checkOwnServer(settings);
    say((await whatTemporalSays(owner, await targetInUse(settings))).sentence);
    await confirmOrLeave(
      `Run ${owner.firstRunId} of ${owner.workflowId} (namespace ${owner.namespace}) owns this migration. If it still works, two runs would import at once. Is it gone for certain?`,
      options.yes ?? false,
    );
    if (!(await ledger.write((tx) => disownMigration(tx, migration.id, owner.firstRunId))))
      throw new UsageError(
        `Run ${owner.firstRunId} does not own the migration of ${pool} any more: look again.`,
      );
    say(`The migration of ${pool} is free: the next run that starts gets it.`);
  });
}
