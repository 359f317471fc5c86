import type { Outcome } from "../../destinations/sending.ts";
import { blocked } from "../../domain/blocked.ts";
import type { Blocked, RunRef } from "../../domain/contract.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type ItemAnswer, lastAnswers } from "../../ledger/queue-endings.ts";
import { UNSETTLED } from "./mailing.ts";

/** Single answers that are lost hardly ever meet so many mails in a row: whoever sends them is out of order. */
const MAX_IN_A_ROW = 4;
/** No other person is worth another try: an operator looks first. Mails count, at whatever pace they go. */
const MAX_UNCLEAR = 10;
const LAST = 50;
/** Others are skipped between them. */
const LOOKED_AT = 500;
const FIRST_WAIT_MS = 10_000;
const MAX_WAIT_MS = 60_000;

export const NO_CLEAR_ANSWERS =
  "One mail after the other gets no clear answer, and nobody of them is mailed again: the run tries one mail by itself, and goes on when that goes out. Look at the mail server or webhook, and at the destination's status page.";

/** One mail after the other was left in doubt: no other one goes out before these are settled. */
export class NoClearAnswersError extends Error {
  override readonly name = "NoClearAnswersError";
}

/** How the last mails were answered, the newest first, whichever batch or worker sent them. */
export type LastAnswers = readonly ItemAnswer[];

/** Those whom a dead worker has left behind say nothing about whoever mails. */
export async function lastAnswersOf(ledger: Ledger, run: RunRef): Promise<LastAnswers> {
  return (await ledger.read((db) => lastAnswers(db, run, "resets", LOOKED_AT))).slice(0, LAST);
}

/** The answers to the mails of one batch, with those before it. */
export class ClearAnswers {
  /** Of mails that are settled, the oldest first. */
  #unclear: boolean[];
  #isWorse = false;
  #doubtsInARow = 0;

  constructor(before: LastAnswers) {
    this.#unclear = before.map(({ isUnclear }) => isUnclear).toReversed();
  }

  /** Null while mails may go out. */
  trouble(): Outcome | null {
    const areMany = this.#isWorse && this.#unclear.filter(Boolean).length > MAX_UNCLEAR;
    return areMany || this.#doubtsInARow >= MAX_IN_A_ROW
      ? { kind: "held", error: new NoClearAnswersError() }
      : null;
  }

  /** Of a mail. */
  note(outcome: Outcome): void {
    if (outcome.kind === "created") this.#doubtsInARow = 0;
    else if (outcome.kind === "unknown" || isUnclear(outcome)) this.#doubtsInARow += 1;
    this.noteSettled(outcome);
  }

  /** Also of an earlier one, of which more is known by now. */
  noteSettled(outcome: Outcome): void {
    const isWorse = isUnclear(outcome);
    if (!isWorse && outcome.kind !== "created") return;
    this.#isWorse ||= isWorse;
    this.#unclear = [...this.#unclear, isWorse].slice(-LAST);
  }
}

/** After too many one mail goes out alone, and shows whether answers are clear again. */
export function isProbe(answers: LastAnswers): boolean {
  const inARow = unclearInARow(answers);
  return inARow >= MAX_IN_A_ROW || (inARow > 0 && unclearOf(answers) > MAX_UNCLEAR);
}

export function untilProbeMs(answers: LastAnswers): number {
  const more = Math.max(0, unclearInARow(answers) - MAX_IN_A_ROW);
  return Math.min(FIRST_WAIT_MS * 2 ** more, MAX_WAIT_MS);
}

/** Whether a person was left unsettled by an answer that came since. */
export function areWorse(answers: LastAnswers, before: LastAnswers): boolean {
  const known = new Set(before.filter(({ isUnclear }) => isUnclear).map(({ ordinal }) => ordinal));
  return answers.some(({ ordinal, isUnclear }) => isUnclear && !known.has(ordinal));
}

/** Null where the run may go on. */
export function tooUnclear(answers: LastAnswers): Blocked | null {
  const unclear = unclearOf(answers);
  return unclear > MAX_UNCLEAR ? mailsUnsettled(`${unclear} of the last ${answers.length}`) : null;
}

/** `howMany` of the last mails. */
export function mailsUnsettled(howMany: string): Blocked {
  return blocked("mails_unsettled", { detail: howMany });
}

function unclearInARow(answers: LastAnswers): number {
  const clear = answers.findIndex(({ isUnclear }) => !isUnclear);
  return clear === -1 ? answers.length : clear;
}

function unclearOf(answers: LastAnswers): number {
  return answers.filter(({ isUnclear }) => isUnclear).length;
}

function isUnclear(outcome: Outcome): boolean {
  return outcome.kind === "skipped" && outcome.reason === UNSETTLED.reason && outcome.because !== undefined;
}
