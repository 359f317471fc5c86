import { setTimeout as sleep } from "node:timers/promises";
import type { Destination } from "../../destinations/destination.ts";
import { oneACall } from "../../destinations/one-a-call.ts";
import type { Call, Item, Outcome } from "../../destinations/sending.ts";
import { tooManyFailures } from "../../domain/blocked.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { Work } from "../../engine/batch/work.ts";
import { whyNoMail } from "../../ledger/campaign.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { lookAt } from "../../ledger/looks.ts";
import { type CampaignMail, campaignMails } from "../../ledger/mails.ts";
import { type Placed, placedAmong } from "../../ledger/placed.ts";
import { type SourceUserRow, sourceUsersBySub } from "../../ledger/source-users.ts";
import { MAX_LOOK_AGE_MS } from "../../plan/look-way.ts";
import { languageOf } from "../../plan/sendable-record.ts";
import { changedSince, type Standing, standingOfRow } from "../../plan/still-as-planned.ts";
import { ClearAnswers, type LastAnswers, mailsUnsettled } from "./clear-answers.ts";
import { type Looks, skippedAs } from "./looks.ts";
import { type Mailing, type Recipient, stopped, UNSETTLED } from "./mailing.ts";
import { LedgerGoneBackError, type MailingRun, mailsHere } from "./mails-here.ts";
import { addressCheck } from "./whose-address.ts";

/** A mail, or one reading of the destination's record of mails, which breaks off before. */
const MAX_CALLS = 1_000;
/** A link is made, the bridge may be waited for, and a mail is handed over. */
const CALL_TIMEOUT_MS = 5 * 60_000;

/** A move that the bridge has begun is looked at this often until it has ended. */
const MOVE_LOOK_MS = 100;

/** How many mails at a time, and when. */
export interface Limits {
  callsInFlight: number;
  /** Whether mails may go out at this instant, by the ledger's clock. */
  isOpen: (nowMs: number) => boolean;
  /** How the mails before were answered: where that was unclear too often, none goes out. */
  answersBefore: LastAnswers;
}

/** No mail may go out any more by the file's window: the batch ends early. */
export class WindowShutError extends Error {
  override readonly name = "WindowShutError";
}

/** An answer of the ledger on which somebody is mailed is no older. */
const ANSWER_GOOD_MS = 30_000;

/** Who is mailed, and what Cognito said of them when that was planned. */
export interface Due extends Recipient {
  planned: Standing;
}

type CurrentLooks = Pick<Looks, "isPoolOld" | "troubleWith">;

/** Reset mails: each is sent at most once, and none to anybody of whom Cognito says something else by now. */
export function resetsWork(
  ledger: Ledger,
  destination: Destination,
  mailing: Mailing,
  run: MailingRun,
  looks: CurrentLooks,
  { callsInFlight, isOpen, answersBefore }: Limits,
): Work<Due> {
  const addressTrouble = addressCheck(destination);
  const answers = new ClearAnswers(answersBefore);
  const here = mailsHere(ledger, run);
  const send = async ({ record, inDoubt, firstClaimedAtMs }: Item<Due>, call: Call): Promise<Outcome> => {
    if (inDoubt) {
      // The answer came, and was not written.
      const known = here.endOf(record.sub);
      const settled = known ?? (await mailing.settle(record, firstClaimedAtMs, call));
      answers.noteSettled(settled);
      here.note(record.sub, settled);
      return settled;
    }
    if (here.has(record.sub)) return { kind: "held", error: new LedgerGoneBackError() };
    if (!isOpen(call.nowMs())) return stopped(new WindowShutError());
    const cannot =
      (await looks.troubleWith(record.sub, record.planned)) ?? (await addressTrouble(record, call));
    if (cannot !== null) return cannot;
    // Rejects when the batch stops: from here on the mail may be out.
    await call.write();
    // Looked at last, and briefly: a worker that dies between the claim and the mail leaves somebody unsettled.
    const why = await lastLook(
      ledger,
      run,
      record,
      { isOpen, isPoolOld: (nowMs) => looks.isPoolOld(nowMs) },
      call.signal,
    ).catch(stopped);
    const trouble = why ?? answers.trouble();
    if (trouble !== null) return trouble;
    const outcome = await mailing.send(record);
    answers.note(outcome);
    here.note(record.sub, outcome);
    return outcome;
  };

  return {
    sender: oneACall({ callsInFlight, maxCalls: MAX_CALLS, send }),
    claimsSingly: true,
    tooMany,
    writeKinds: destination.facts.slots.mail,
    callTimeoutMs: CALL_TIMEOUT_MS,
    async prepare(items) {
      const subs = items.map(({ key }) => key);
      const users = await ledger.read((db) => placedAmong(db, run.migrationId, "user", subs));
      const sources = await ledger.read((db) => sourceUsersBySub(db, run.migrationId, subs));
      return items.map(({ key, inDoubt }) => {
        const record = dueOf(users.get(key), sources.get(key));
        // A mail leaves nothing behind that could differ later.
        if (record !== null) return { record, fingerprint: "" };
        // Where an earlier try may have mailed, a look at the record would change nothing.
        return { outcome: inDoubt ? UNSETTLED : { kind: "skipped", reason: "user_not_imported" } };
      });
    },
  };
}

/**
 * Why somebody is not mailed after all. Waits while the bridge is setting their password. Rejects with LedgerError, or when
 * the batch stops.
 */
async function lastLook(
  ledger: Ledger,
  run: MailingRun,
  due: Due,
  { isOpen, isPoolOld }: Pick<Limits, "isOpen"> & Pick<CurrentLooks, "isPoolOld">,
  signal: AbortSignal,
): Promise<Outcome | null> {
  for (;;) {
    const askedAtMs = performance.now();
    const { mails, why, look, nowMs } = await ledger.read(async (db) => ({
      nowMs: await ledgerNowMs(db),
      mails: await campaignMails(db, run.migrationId, [due.sub]),
      why: await whyNoMail(db, run.migrationId, due),
      look: await lookAt(db, run, due.sub, MAX_LOOK_AGE_MS),
    }));
    const copied = copiedMeanwhile(mails.get(due.sub));
    if (copied !== null) return copied;
    // A slot may be waited for long.
    if (!isOpen(nowMs)) return stopped(new WindowShutError());
    if (why === "move_under_way" || why === "ask_under_way") await sleep(MOVE_LOOK_MS, undefined, { signal });
    else if (why !== null) return { kind: "skipped", reason: why };
    // Their turn came late: Cognito is asked once more.
    else if (look === undefined || isPoolOld(nowMs)) return { kind: "not_sent" };
    // A worker that slept meanwhile has an old answer.
    else if (performance.now() - askedAtMs < ANSWER_GOOD_MS)
      return skippedAs(changedSince(due.planned, look.standing));
  }
}

/** The destination's record told of a mail of theirs while they were claimed. */
function copiedMeanwhile(mail: CampaignMail | undefined): Outcome | null {
  if (mail?.state === "unsettled") return UNSETTLED;
  if (mail?.state !== "mailed") return null;
  return { kind: "created", destinationId: mail.mailId ?? "" };
}

function tooMany(code: string, count: number, of: number): Blocked {
  return code === UNSETTLED.reason
    ? mailsUnsettled(`${count} of the last ${of}`)
    : tooManyFailures(code, count, of);
}

function dueOf(account: Placed | undefined, source: SourceUserRow | undefined): Due | null {
  if (account?.state !== "standing" || account.destinationId === null) return null;
  if (source === undefined || source.email === null) return null;
  const { destinationId: userId, writtenAtMs } = account;
  const { sub, email } = source;
  const language = languageOf(source.attributes);
  return { sub, userId, writtenAtMs, email, language, planned: standingOfRow(source) };
}
