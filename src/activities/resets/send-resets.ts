import type { Blocked, PhaseTotals, ResetBatchInput, ResetsSent, RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import { sendBatch } from "../../engine/batch/send-batch.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import { mailsHeldForMs } from "../../ledger/mail-record.ts";
import { readMigration } from "../../ledger/runs.ts";
import { looksAgain } from "../../plan/campaign-times.ts";
import { dayOf, windowWaitMs } from "../../plan/send-window.ts";
import type { Deps } from "../deps.ts";
import { phaseTotals } from "../fan-out/open-work.ts";
import {
  areWorse,
  isProbe,
  type LastAnswers,
  lastAnswersOf,
  NO_CLEAR_ANSWERS,
  NoClearAnswersError,
  tooUnclear,
  untilProbeMs,
} from "./clear-answers.ts";
import { copyRecord, whileCopying } from "./copy-record.ts";
import { catchUp, GONE_BACK, isBehind, isBehindTemporal, ledgerMark } from "./gone-back.ts";
import { sendsAsAsked } from "./kept-approval.ts";
import { sendWithLooks } from "./looks.ts";
import { mailsInFlight, mailsPerSecond } from "./mail-pace.ts";
import { MailsHeldError } from "./mailing.ts";
import { mailingOfRun } from "./mailing-of-run.ts";
import { LedgerGoneBackError } from "./mails-here.ts";
import { type Limits, resetsWork, WindowShutError } from "./resets-work.ts";

/** Sends the mails of one range. A spent quota or a shut window ends the batch early: what is left is open. */
export async function sendResets(
  deps: Deps,
  input: ResetBatchInput,
  pulse: Pulse,
): Promise<ResetsSent | Blocked> {
  const { run } = input;
  const { file } = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const lagMs = deps.destinationOf(file.destination).facts.resets.record?.lagMs ?? 0;
  const cannotCopy = await copyRecord(deps, run, file, pulse);
  if (cannotCopy !== null) return cannotCopy;
  const before = await phaseTotals(deps, run, "resets");
  const isGoneBack =
    isBehind(await ledgerMark(deps.ledger, before), input.mark) ||
    (await isBehindTemporal(deps.ledger, input, pulse.earlier));
  if (isGoneBack) await catchUp(deps.ledger, run, lagMs);
  // An attempt that died may have seen that the ledger went back, before the run heard of it.
  const heldMs = await deps.ledger.read((db) => mailsHeldForMs(db, run.migrationId, lagMs));
  if (heldMs > 0) return held(deps, run, file, heldMs);
  if (!(await sendsAsAsked(deps.ledger, run, { file, mails: deps.mails })))
    return ended(deps, file, before, 0, "");
  const answersBefore = await lastAnswersOf(deps.ledger, run);
  let waitMs = 0;
  let why = "";
  try {
    const stopped = await sendRange(deps, input, file, answersBefore, pulse);
    if (stopped !== null) return stopped;
  } catch (error) {
    if (error instanceof LedgerGoneBackError) {
      await catchUp(deps.ledger, run, lagMs);
      return held(deps, run, file, lagMs);
    }
    if (error instanceof MailsHeldError) {
      why = error.why;
      waitMs = error.retryAfterMs ?? (await untilTomorrowMs(deps));
    } else if (!(error instanceof WindowShutError || error instanceof NoClearAnswersError)) throw error;
  }
  const totals = await phaseTotals(deps, run, "resets");
  const answers = await lastAnswersOf(deps.ledger, run);
  const isWorse = areWorse(answers, answersBefore);
  const forAPerson = isWorse ? tooUnclear(answers) : null;
  if (forAPerson !== null) return forAPerson;
  // A probe that was put off has shown nothing.
  if (waitMs === 0 && isProbe(answers) && (isWorse || settled(totals) === settled(before))) {
    waitMs = untilProbeMs(answers);
    why = NO_CLEAR_ANSWERS;
  }
  return ended(deps, file, totals, waitMs, why);
}

/** Resolves with null when nothing of the range is open, or with the reason why the run has to stop. */
async function sendRange(
  deps: Deps,
  input: ResetBatchInput,
  file: Migration,
  answersBefore: LastAnswers,
  pulse: Pulse,
): Promise<Blocked | null> {
  const { run, accepted, from, dueByMs } = input;
  const { ledger, pacer } = deps;
  const destination = deps.destinationOf(file.destination);
  const { window, delivery } = file.passwordResets;
  const limits: Limits = {
    callsInFlight: mailsInFlight(destination, await mailsPerSecond(deps, file)),
    isOpen: (nowMs) => windowWaitMs(window, nowMs) === 0,
    answersBefore,
  };
  const mailing = await mailingOfRun(deps, run, file, destination, pulse);
  const to = isProbe(answersBefore) ? from : input.to;
  return whileCopying(deps, run, file, pulse, () =>
    sendWithLooks(deps, { ...input, to }, pulse, (looks) =>
      sendBatch({
        ...{ ledger, pacer, destination, pulse },
        work: resetsWork(ledger, destination, mailing, run, looks, limits),
        range: { ...run, phase: "resets", from, to, dueByMs, delivery },
        acceptedFailures: accepted,
      }),
    ),
  );
}

/** The ledger may have forgotten mails: nobody is mailed until the record shows them. */
async function held(deps: Deps, run: RunRef, file: Migration, waitMs: number): Promise<ResetsSent> {
  const totals = await phaseTotals(deps, run, "resets");
  const mark = await ledgerMark(deps.ledger, totals);
  return { ...(await ended(deps, file, totals, waitMs, GONE_BACK)), mark };
}

/** Where nobody is mailed for a while, whoever looks reads until when. */
async function ended(
  { ledger }: Deps,
  { passwordResets: { window } }: Migration,
  totals: PhaseTotals,
  waitMs: number,
  why: string,
): Promise<ResetsSent> {
  if (waitMs === 0) return { status: "sent", totals, waitMs, why };
  const nowMs = await ledger.read(ledgerNowMs);
  return { status: "sent", totals, waitMs, why: looksAgain(why, window, nowMs + waitMs) };
}

function settled({ done, failed, skipped }: PhaseTotals): number {
  return done + failed + skipped;
}

/** The destination's day: UTC's, as it names none. */
async function untilTomorrowMs({ ledger }: Deps): Promise<number> {
  const nowMs = await ledger.read((db) => ledgerNowMs(db));
  return dayOf(undefined, nowMs).endMs - nowMs;
}
