import type { Destination } from "../../destinations/destination.ts";
import type { BatchInput, Blocked, Progress } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import { sendBatch } from "../../engine/batch/send-batch.ts";
import type { Work } from "../../engine/batch/work.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import type { MigrationRow } from "../../ledger/runs.ts";
import type { Deps } from "../deps.ts";
import { phaseTotals } from "./open-work.ts";

/** Sends the open items of one range, by whatever way the phase has. */
export async function sendRange<Payload>(
  deps: Deps,
  { run, phase, from, to, accepted }: BatchInput,
  pulse: Pulse,
  { file, accountId }: Pick<MigrationRow, "file" | "accountId">,
  workOf: (destination: Destination, file: Migration, accountId: string | null) => Work<Payload>,
): Promise<Progress | Blocked> {
  const destination = deps.destinationOf(file.destination);
  const stopped = await sendBatch({
    ledger: deps.ledger,
    pacer: deps.pacer,
    destination,
    work: workOf(destination, file, accountId),
    range: { ...run, phase, from, to },
    acceptedFailures: accepted,
    pulse,
  });
  return stopped ?? { status: "complete", totals: await phaseTotals(deps, run, phase) };
}
