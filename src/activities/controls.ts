import { activityInfo } from "@temporalio/activity";
import { callAlertWebhook } from "../delivery/alert-webhook.ts";
import type { AlertInput, Pace, PrepareInput, RunRef } from "../domain/contract.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { countWait } from "../engine/metrics.ts";
import { destinationPaceKey, pagesPaceKey } from "../engine/pace-keys.ts";
import { forgetFailures } from "../ledger/failures.ts";
import { setPace as setPaceRow } from "../ledger/pace.ts";
import { reopenSome } from "../ledger/queue-reopening.ts";
import { readMigration } from "../ledger/runs.ts";
import type { Deps } from "./deps.ts";
import { destinationRates } from "./open.ts";

/** New rates for everyone who calls this environment; kinds that are not named keep theirs. */
export async function setPace(
  deps: Deps,
  { run, pace }: { run: RunRef; pace: Partial<Pace> },
): Promise<void> {
  const { file, accountId } = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const destination = deps.destinationOf(file.destination);
  await deps.ledger.write(async (tx) => {
    for (const [kind, perSecond] of destinationRates(pace))
      await setPaceRow(tx, destinationPaceKey(destination, kind), perSecond);
    if (pace.pagesPerSecond !== undefined)
      await setPaceRow(tx, pagesPaceKey(file.source, accountId), pace.pagesPerSecond);
  });
}

/** An operator said to go on: what failed with these codes is open again, and unexpected failures are counted anew. */
export async function prepareResume(
  deps: Deps,
  { run, retries, phase }: PrepareInput,
): Promise<{ reopened: number }> {
  await deps.ledger.write((tx) => forgetFailures(tx, run.migrationId));
  let reopened = 0;
  if (phase === null) return { reopened };
  for (const code of retries)
    for (let some = 1; some > 0; reopened += some)
      // In slices: others write meanwhile.
      some = await deps.ledger.write((tx) => reopenSome(tx, run, phase, code));
  return { reopened };
}

/**
 * Counts that the run waits for an operator, and tells the alert webhook where there is one. The sentence is plain
 * text: names from outside stand in it, so nothing in it is to be shown as Markdown or HTML.
 */
export async function alert(deps: Deps, { run: _, sentence, ...rest }: AlertInput): Promise<void> {
  countWait(rest.code);
  if (deps.alertWebhook === null) return;
  const { workflowExecution, namespace } = activityInfo();
  await callAlertWebhook(deps.alertWebhook, {
    ...rest,
    sentence: terminalText(sentence),
    workflowId: workflowExecution?.workflowId,
    namespace,
  });
}
