import type { Outcome } from "../../destinations/sending.ts";
import { blocked } from "../../domain/blocked.ts";
import type { Blocked, RunRef } from "../../domain/contract.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { unclearInARow } from "../../ledger/queue-questions.ts";
import { UNSETTLED } from "./mailing.ts";

/** Single answers that are lost hardly ever meet so many mails in a row: whoever sends them is out of order. */
const MAX_IN_A_ROW = 4;
const MAX_UNSETTLED_IN_A_ROW = 10;
/** Others are skipped between them. */
const LOOKED_AT = 100;
const FIRST_WAIT_MS = 10_000;
const MAX_WAIT_MS = 60_000;

export const NO_CLEAR_ANSWERS =
  "One mail after the other gets no clear answer, and nobody of them is mailed again: the run tries one mail by itself, and goes on when that goes out. Look at the mail server or webhook, and at the destination's status page.";

/** One mail after the other was left in doubt: no other one goes out before these are settled. */
export class NoClearAnswersError extends Error {
  override readonly name = "NoClearAnswersError";
}

/** The answers to the mails of one batch. */
export class ClearAnswers {
  #doubtsInARow = 0;

  /** Null while mails may go out. */
  trouble(): Outcome | null {
    return this.#doubtsInARow >= MAX_IN_A_ROW ? { kind: "held", error: new NoClearAnswersError() } : null;
  }

  note(outcome: Outcome): void {
    if (outcome.kind === "created") this.#doubtsInARow = 0;
    else if (outcome.kind === "unknown" || isUnsettled(outcome)) this.#doubtsInARow += 1;
  }
}

/**
 * How many people in a row were left unsettled by an answer, whichever worker mailed them. Those whom a dead worker has
 * left behind say nothing about whoever mails.
 */
export function unsettledInARow(ledger: Ledger, run: RunRef): Promise<number> {
  return ledger.read((db) => unclearInARow(db, run, "resets", LOOKED_AT));
}

/** After so many, one mail goes out alone and shows whether answers are clear again. */
export function isProbe(unsettled: number): boolean {
  return unsettled >= MAX_IN_A_ROW;
}

export function untilProbeMs(unsettled: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (unsettled - MAX_IN_A_ROW), MAX_WAIT_MS);
}

/** No other person is worth another try: an operator looks first. */
export function isForAPerson(unsettled: number): boolean {
  return unsettled > MAX_UNSETTLED_IN_A_ROW;
}

/** `howMany` of the last mails. */
export function mailsUnsettled(howMany: string): Blocked {
  return blocked("mails_unsettled", { detail: howMany });
}

function isUnsettled(outcome: Outcome): boolean {
  return outcome.kind === "skipped" && outcome.reason === UNSETTLED.reason;
}
