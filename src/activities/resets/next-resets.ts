import type {
  BeforeApproval,
  Blocked,
  MailsAhead,
  PhaseTotals,
  ResetInput,
  ResetStep,
  ResetStepOf,
  RunRef,
} from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import type { Counters, Cursor } from "../../ledger/cursors.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import { firstMails } from "../../ledger/first-mails.ts";
import { mailRecordPosition, mailsHeldForMs } from "../../ledger/mail-record.ts";
import { mailsSince } from "../../ledger/mails.ts";
import { dueOrdinals, firstOpen, nextDueAtMs } from "../../ledger/queue-questions.ts";
import { readMigration } from "../../ledger/runs.ts";
import { lastMailMs, looksAgain, paceText, timeText } from "../../plan/campaign-times.ts";
import { CANARY_TO, MAILED_BEFORE } from "../../plan/counters.ts";
import { dayOf, MINUTE_MS, windowOpenMs, windowWaitMs } from "../../plan/send-window.ts";
import type { Deps } from "../deps.ts";
import { phaseTotals } from "../fan-out/open-work.ts";
import { catchUp, GONE_BACK, isBehind, ledgerMark } from "./gone-back.ts";
import { campaignEnded, standingOf } from "./kept-approval.ts";
import { mailsPerSecond } from "./mail-pace.ts";
import { EARLIER, firstOnesAnew, planResets } from "./plan-resets.ts";
import { mayForget, whatCannotBeKnown } from "./record-reach.ts";

/** Long enough for the doubts at the end of a batch, which it waits for, to cost the pace little; looks outlast it. */
const BATCH_SECONDS = 120;
const MAX_BATCH_SIZE = 5_000;

/** What the campaign does next: some mails, or a wait. */
export async function nextResets(deps: Deps, input: ResetInput, pulse: Pulse): Promise<ResetStep | Blocked> {
  const { ledger } = deps;
  const { run } = input;
  const { file } = await ledger.read((db) => readMigration(db, run.migrationId));
  const planned = await planResets(deps, run, file, pulse);
  if ("status" in planned) return planned;
  const totals = await phaseTotals(deps, run, "resets");
  const mark = await ledgerMark(ledger, totals);
  const lagMs = deps.destinationOf(file.destination).facts.resets.record?.lagMs ?? 0;
  if (isBehind(mark, input.mark)) await catchUp(ledger, run, lagMs);
  const heldMs = await ledger.read((db) => mailsHeldForMs(db, run.migrationId, lagMs));
  if (heldMs > 0) return { ...(await heldStep(deps, file, totals, heldMs)), mark };
  return { ...(await nextStep(deps, input, file, planned, totals, pulse)), mark };
}

async function heldStep(
  { ledger }: Deps,
  { passwordResets: { window } }: Migration,
  totals: PhaseTotals,
  forMs: number,
): Promise<ResetStepOf> {
  const nowMs = await ledger.read(ledgerNowMs);
  return { status: "wait", forMs, why: looksAgain(GONE_BACK, window, nowMs + forMs), totals };
}

async function nextStep(
  deps: Deps,
  input: ResetInput,
  file: Migration,
  planned: Cursor,
  totals: PhaseTotals,
  pulse: Pulse,
): Promise<ResetStepOf> {
  const { ledger } = deps;
  const { run } = input;
  const open = await ledger.read((db) => firstOpen(db, run, "resets"));
  if (open === null) {
    await campaignEnded(ledger, run);
    return { status: "complete", totals };
  }
  let { counters } = planned;
  const campaign = await campaignOf(deps, run, file, totals);
  const { isApproved, asking } = await standingOf(ledger, input, campaign, async (tx) => {
    ({ counters } = await firstOnesAnew(tx, run, file, pulse, planned));
  });
  const canaryTo = counters[CANARY_TO] ?? 0;
  const isCanary = !isApproved && open <= canaryTo;
  if (!isApproved && !isCanary) {
    const before = await beforeApproval(deps, run, file, counters, totals);
    return { status: "approval", totals, ...before, asking };
  }
  const { window, perDay } = file.passwordResets;
  const nowMs = await ledger.read((db) => ledgerNowMs(db));
  const wait = (forMs: number, why: string): ResetStepOf => {
    return { status: "wait", forMs, why: looksAgain(why, window, nowMs + forMs), totals };
  };
  const shutMs = windowWaitMs(window, nowMs);
  if (shutMs > 0) return wait(shutMs, "The send window is shut.");
  const left = (perDay ?? Number.POSITIVE_INFINITY) - (await sentToday(deps, run, file, nowMs));
  if (left <= 0) {
    // The window may open later than the day.
    const { endMs } = dayOf(window, nowMs);
    return wait(endMs + windowWaitMs(window, endMs) - nowMs, `Today's ${perDay} mails are sent.`);
  }
  const openMs = windowOpenMs(window, nowMs, BATCH_SECONDS * 1_000);
  const inTime = Math.round((await mailsPerSecond(deps, file)) * (openMs / 1_000));
  const limit = Math.min(left, Math.max(1, Math.min(MAX_BATCH_SIZE, inTime)));
  const question = { from: open, dueByMs: nowMs, limit };
  const due = await ledger.read((db) => dueOrdinals(db, run, "resets", question));
  const last = isCanary ? canaryTo : MAX_ORDINAL;
  const range = rangeOf(due.filter((ordinal) => ordinal <= last));
  if (range !== null) {
    const ahead = isCanary ? canaryTo - range.from + 1 : Math.min(left, openOf(totals));
    return { status: "send", ...range, dueByMs: nowMs, ahead, isCanary, totals };
  }
  const dueAtMs = await ledger.read((db) => nextDueAtMs(db, run, "resets", last));
  return wait(Math.max(MIN_WAIT_MS, (dueAtMs ?? 0) - nowMs), PUT_OFF);
}

async function campaignOf(
  { ledger, destinationOf, mails }: Deps,
  run: RunRef,
  file: Migration,
  totals: PhaseTotals,
): Promise<Parameters<typeof standingOf>[2]> {
  const { record } = destinationOf(file.destination).facts.resets;
  const position = await ledger.read((db) => mailRecordPosition(db, run));
  const nowMs = await ledger.read((db) => ledgerNowMs(db));
  return {
    file,
    people: openOf(totals),
    mayForget: mayForget(record, file.passwordResets, position, nowMs),
    lagMs: record?.lagMs ?? 0,
    mails,
  };
}

function openOf({ done, failed, skipped, of }: PhaseTotals): number {
  return (of ?? 0) - done - failed - skipped;
}

const PUT_OFF =
  "The mails that are left were put off, each for itself; they are tried again at their time, eight times in all.";
/** As far as the ledger counts. */
const MAX_ORDINAL = 2 ** 31 - 1;
const MIN_WAIT_MS = 1_000;
/** What was put off may lie far behind the others: of a longer range its counts would take long. */
const MAX_SPAN = 10_000;

function rangeOf(due: readonly number[]): { from: number; to: number } | null {
  const [from] = due;
  if (from === undefined) return null;
  const to = due.findLast((ordinal) => ordinal < from + MAX_SPAN) ?? from;
  return { from, to };
}

/** A later run may mail nobody before the approval: then the first ones are those whom the file names, if it does. */
async function beforeApproval(
  deps: Deps,
  run: RunRef,
  file: Migration,
  counters: Counters,
  totals: PhaseTotals,
): Promise<BeforeApproval> {
  const { ledger, destinationOf } = deps;
  const { destination, passwordResets } = file;
  const { record } = destinationOf(destination).facts.resets;
  const position = await ledger.read((db) => mailRecordPosition(db, run));
  const nowMs = await ledger.read((db) => ledgerNowMs(db));
  return {
    first: await ledger.read((db) => firstMails(db, run, passwordResets, counters)),
    isLater: (counters[EARLIER] ?? 0) > 0,
    cannotKnow: whatCannotBeKnown(record, passwordResets, position, nowMs),
    areOwn: passwordResets.delivery === "own",
    ahead: await mailsAhead(deps, run, file, counters, totals, nowMs),
  };
}

async function mailsAhead(
  deps: Deps,
  run: RunRef,
  file: Migration,
  counters: Counters,
  totals: PhaseTotals,
  nowMs: number,
): Promise<MailsAhead> {
  const { window, perDay } = file.passwordResets;
  const mails = openOf(totals);
  const pace = { perSecond: await mailsPerSecond(deps, file), perDay, window };
  const lastMs = lastMailMs(mails, pace, await sentToday(deps, run, file, nowMs), nowMs);
  const wholeMs = Math.ceil(lastMs / MINUTE_MS) * MINUTE_MS;
  const lastAt = timeText(window, wholeMs);
  const ifAt = timeText(window, Math.floor(nowMs / MINUTE_MS) * MINUTE_MS);
  // Whoever asks for a redrive sees it as a run of its own.
  const ofItsRun = run.asksAgain ? totals.done : 0;
  return { mails, lastAt, ifAt, pace: paceText(pace), before: (counters[MAILED_BEFORE] ?? 0) + ofItsRun };
}

/** Counted as far as the day's cap goes; 0 without one. */
async function sentToday({ ledger }: Deps, run: RunRef, file: Migration, nowMs: number): Promise<number> {
  const { window, perDay } = file.passwordResets;
  if (perDay === undefined) return 0;
  const { startMs } = dayOf(window, nowMs);
  return ledger.read((db) => mailsSince(db, run.migrationId, startMs, perDay));
}
