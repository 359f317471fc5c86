import { pino } from "pino";
import { shellLine } from "../domain/shell-line.ts";
import { UsageError } from "../exit.ts";
import { disownMigration, type Owner } from "../ledger/runs.ts";
import { connectTemporal } from "../temporal/connection.ts";
import { createOrchestration } from "../temporal/orchestration.ts";
import { installRuntime } from "../temporal/runtime.ts";
import type { TemporalTarget } from "../temporal/target.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { confirmOrLeave } from "./confirm.ts";
import { say } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";
import { targetInUse } from "./temporal-server.ts";

interface TakeoverOptions extends Pick<Choice, "environment"> {
  region?: string;
  yes?: boolean;
}

export async function takeover(pool: string, options: TakeoverOptions): Promise<void> {
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  await withLedger(ledger, async () => {
    const migration = await chooseMigration(ledger, { pool, environment: options.environment });
    const { region } = migration.file.source;
    if (options.region !== undefined && options.region !== region)
      throw new UsageError(
        `The ledger's migration of ${pool} is in region ${region}, not ${options.region}.`,
      );
    const { owner } = migration;
    if (owner === null) return say(`No run owns the migration of ${pool}: the next one that starts gets it.`);
    say(await whatTemporalSays(owner, await targetInUse(settings)));
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

/** Why nothing speaks for the run being at work. Throws UsageError where it is. */
async function whatTemporalSays(owner: Owner, target: TemporalTarget): Promise<string> {
  await installRuntime(pino({ level: "silent" }), null);
  const connected = await connectTemporal({ ...target, namespace: owner.namespace });
  if (!connected.ok) return connected.sentence;
  const { namespace, workflowId, firstRunId } = owner;
  const { address } = target;
  try {
    switch (await createOrchestration(connected.value, target).runState(owner)) {
      case "open":
        throw new UsageError(
          `Run ${firstRunId} of ${workflowId} (namespace ${namespace}) still works at ${address}: let it end, or cancel it with \`${shellLine(["./temporal", "workflow", "cancel", "--address", address, "--namespace", namespace, "--workflow-id", workflowId])}\`; then the next run gets the migration by itself.`,
        );
      case "closed":
        return `The Temporal server at ${address} says that this run has ended.`;
      case "missing":
        return `The Temporal server at ${address} does not know this run.`;
      case "unknown":
        return `The Temporal server at ${address} does not tell whether this run works.`;
    }
  } finally {
    await connected.value.close();
  }
}
