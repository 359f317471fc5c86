import { activityInfo } from "@temporalio/activity";
import { forgetFailures } from "../ledger/failures.ts";
import { setPace as setPaceRow } from "../ledger/pace.ts";
import { readMigration } from "../ledger/runs.ts";
import { reopen } from "../ledger/work-items.ts";
import type { ItemPhase } from "../phases.ts";
import type { AlertInput, Pace, RunRef } from "../workflows/contract.ts";
import type { Deps } from "./deps.ts";
import { destinationRates } from "./open.ts";
import { destinationPaceKey, pagesPaceKey } from "./pace-keys.ts";

const WEBHOOK_TIMEOUT_MS = 10_000;

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

/** An operator said to go on: what failed with this code is open again, and unexpected failures are counted anew. */
export async function prepareResume(
  deps: Deps,
  { run, retries, phase = "users" }: { run: RunRef; retries: string | null; phase?: ItemPhase },
): Promise<{ reopened: number }> {
  return deps.ledger.write(async (tx) => {
    await forgetFailures(tx, run.migrationId);
    if (retries === null) return { reopened: 0 };
    return { reopened: await reopen(tx, run.migrationId, phase, retries) };
  });
}

/** Tells the alert webhook that the run waits for an operator; without a webhook it does nothing. */
export async function alert(deps: Deps, input: AlertInput): Promise<void> {
  if (deps.alertWebhook === null) return;
  const { workflowExecution, namespace } = activityInfo();
  const response = await fetch(deps.alertWebhook, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...input, workflowId: workflowExecution?.workflowId, namespace }),
    signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The alert webhook answers ${response.status}.`);
}
