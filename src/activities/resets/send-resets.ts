import { NO_MAIL_SINK } from "../../delivery/mail-sink.ts";
import type { Destination } from "../../destinations/destination.ts";
import type { Blocked, ResetBatchInput, ResetsSent } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import { sendBatch } from "../../engine/batch/send-batch.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import { readMigration } from "../../ledger/runs.ts";
import { dayOf } from "../../plan/send-window.ts";
import { ConfigurationError, type Deps } from "../deps.ts";
import { phaseTotals } from "../fan-out/open-work.ts";
import { copyRecord } from "./copy-record.ts";
import { destinationMailing } from "./destination-mailing.ts";
import { DailyQuotaError, type Mailing } from "./mailing.ts";
import { ownMailing } from "./own-mailing.ts";
import { resetsWork } from "./resets-work.ts";

/** Sends the mails of one range. A quota that is spent ends the batch early: what is left is open. */
export async function sendResets(
  deps: Deps,
  { run, accepted, from, to }: ResetBatchInput,
  pulse: Pulse,
): Promise<ResetsSent | Blocked> {
  const { file } = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const cannotCopy = await copyRecord(deps, run, file, pulse);
  if (cannotCopy !== null) return cannotCopy;
  const destination = deps.destinationOf(file.destination);
  let waitMs = 0;
  try {
    const stopped = await sendBatch({
      ledger: deps.ledger,
      pacer: deps.pacer,
      destination,
      work: resetsWork(deps.ledger, destination, mailingFor(deps, file, destination), run.migrationId),
      range: { ...run, phase: "resets", from, to },
      acceptedFailures: accepted,
      pulse,
    });
    if (stopped !== null) return stopped;
  } catch (error) {
    if (!(error instanceof DailyQuotaError)) throw error;
    waitMs = error.retryAfterMs ?? (await untilTomorrowMs(deps));
  }
  return { status: "sent", totals: await phaseTotals(deps, run, "resets"), waitMs };
}

function mailingFor({ mails }: Deps, { passwordResets }: Migration, destination: Destination): Mailing {
  if (passwordResets.delivery === "destination") return destinationMailing(destination);
  if (mails === null) throw new ConfigurationError(NO_MAIL_SINK);
  return ownMailing(destination.resets, mails);
}

/** The destination's day: UTC's, as it names none. */
async function untilTomorrowMs({ ledger }: Deps): Promise<number> {
  const nowMs = await ledger.read((db) => ledgerNowMs(db));
  return dayOf(undefined, nowMs).endMs - nowMs;
}
