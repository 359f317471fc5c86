import { shellLine } from "../domain/shell-line.ts";
import { runWords } from "../domain/workflow-id.ts";
import { UsageError } from "../exit.ts";
import type { Owner } from "../ledger/runs.ts";
import { connectTemporal } from "../temporal/connection.ts";
import { createOrchestration } from "../temporal/orchestration.ts";
import { installClientRuntime } from "../temporal/runtime.ts";
import type { TemporalTarget } from "../temporal/target.ts";

/** What Temporal says of a run that does not work any more, as far as anybody can tell. */
interface Said {
  /** False where nothing more is known than that nothing speaks for its being at work. */
  isOver: boolean;
  sentence: string;
}

/** Throws UsageError where the run is at work, or a server is there that may know it and does not let this caller in. */
export async function whatTemporalSays(owner: Owner, target: TemporalTarget): Promise<Said> {
  installClientRuntime();
  const connected = await connectTemporal({ ...target, namespace: owner.namespace });
  if (!connected.ok) {
    if (connected.isKept)
      throw new UsageError(`${connected.sentence} Nothing was done: it may know that the run works.`);
    return { isOver: false, sentence: connected.sentence };
  }
  const { namespace, workflowId, firstRunId } = owner;
  const { address } = target;
  try {
    switch (await createOrchestration(connected.value, target).runState(owner)) {
      case "open":
        throw new UsageError(
          `Run ${firstRunId} of ${workflowId} (namespace ${namespace}) still works at ${address}: let it end, or cancel it with \`${shellLine(runWords("cancel", workflowId))}\`; then the next run gets the migration by itself.`,
        );
      case "closed":
        return { isOver: true, sentence: `The Temporal server at ${address} says that this run has ended.` };
      case "missing":
        return { isOver: false, sentence: `The Temporal server at ${address} does not know this run.` };
      case "unknown":
        return {
          isOver: false,
          sentence: `The Temporal server at ${address} does not tell whether this run works.`,
        };
    }
  } finally {
    await connected.value.close();
  }
}
