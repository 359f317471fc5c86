import type { LedgerMark, PhaseTotals, ResetBatchInput } from "../../domain/contract.ts";
import type { HeartbeatDetails } from "../../engine/heartbeat.ts";
import { ledgerIncarnation } from "../../ledger/incarnation.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { holdMails } from "../../ledger/mail-record.ts";
import { rangeCounts } from "../../ledger/queue-questions.ts";
import { type MailingRun, mailsHere } from "./mails-here.ts";

/**
 * A ledger that goes back while mails go out, as in a fail-over of PostgreSQL that loses the last seconds, lets the same
 * people be claimed once more before the destination's record shows their mails. What remembers outside of it: the worker
 * whom it mailed, Temporal how much of a batch was settled, the run how much of all, and which file or server it was.
 */

export const GONE_BACK =
  "The ledger may have forgotten mails that went out, as after a fail-over or a restore: the run goes on by itself once the destination's record shows all of them.";

export async function ledgerMark(ledger: Ledger, { done, skipped }: PhaseTotals): Promise<LedgerMark> {
  return { settled: done + skipped, incarnation: await ledger.read(ledgerIncarnation) };
}

/** Whether the ledger may know less than the run. Pure. */
export function isBehind(now: LedgerMark, known: LedgerMark | null): boolean {
  return known !== null && (now.settled < known.settled || now.incarnation !== known.incarnation);
}

/** Whether an earlier attempt of this batch, as Temporal heard of it, had settled more than the ledger knows. */
export async function isBehindTemporal(
  ledger: Ledger,
  { run, from, to, dueByMs }: ResetBatchInput,
  { done = 0, skipped = 0 }: HeartbeatDetails,
): Promise<boolean> {
  const counts = await ledger.read((db) => rangeCounts(db, { ...run, phase: "resets", from, to, dueByMs }));
  return counts.done + counts.skipped < Number(done) + Number(skipped);
}

/** Tells the ledger what this worker knows, and has nobody mailed until the record shows what else went out. */
export async function catchUp(ledger: Ledger, run: MailingRun, lagMs: number): Promise<void> {
  await ledger.write((tx) => holdMails(tx, run.migrationId, lagMs));
  await mailsHere(ledger, run).tell(ledger, run);
}
