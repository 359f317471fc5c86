import { optionalTsToMs } from "@temporalio/common/lib/time.js";
import type { NativeConnection } from "@temporalio/worker";
import { UsageError } from "../exit.ts";
import { readIdentity } from "./worker-identity.ts";

/** Values of temporal.api.enums.v1.TaskQueueType: workflow and activity. */
const QUEUE_TYPES = [1, 2];
/** A worker that lives polls anew each minute; the server goes on naming a dead one for minutes. */
const POLLS_WITHIN_MS = 70_000;

export interface Poller {
  identity: string;
  polledAtMs: number;
}

/**
 * Throws UsageError where workers of another ledger poll this queue: they would take this run's work, and do nothing.
 * Workers of other environments are of no concern here: a setting that is being mended is one.
 */
export async function refuseForeignPollers(
  connection: NativeConnection,
  namespace: string,
  taskQueue: string,
  ledgerId: string,
): Promise<void> {
  const pollers = await pollersOf(connection, namespace, taskQueue);
  const foreign = foreignPoller(pollers, ledgerId, Date.now());
  if (foreign === null) return;
  throw new UsageError(
    `The task queue "${taskQueue}" belongs to workers of another ledger: ${foreign.process} polls it with ledger ${foreign.ledgerId}, and this one has ${ledgerId}. Name another queue with SPILLWAY_TASK_QUEUE, for this worker and in the start command; or give both the same SPILLWAY_LEDGER. A worker that was stopped just now is forgotten after a minute.`,
  );
}

/** The first worker of another ledger that lives. */
export function foreignPoller(pollers: readonly Poller[], ledgerId: string, nowMs: number) {
  for (const { identity, polledAtMs } of pollers) {
    const worker = readIdentity(identity);
    const isAlive = nowMs - polledAtMs <= POLLS_WITHIN_MS;
    if (worker !== null && worker.ledgerId !== ledgerId && isAlive) return worker;
  }
  return null;
}

/** Nobody, where this server does not let us ask. */
async function pollersOf(
  { workflowService }: NativeConnection,
  namespace: string,
  name: string,
): Promise<Poller[]> {
  const answers = await Promise.all(
    QUEUE_TYPES.map((taskQueueType) =>
      workflowService
        .describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType })
        .catch(() => ({ pollers: [] })),
    ),
  );
  return answers.flatMap(({ pollers }) =>
    (pollers ?? []).map(({ identity, lastAccessTime }) => ({
      identity: identity ?? "",
      polledAtMs: optionalTsToMs(lastAccessTime) ?? 0,
    })),
  );
}
