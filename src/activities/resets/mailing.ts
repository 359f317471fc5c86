import type { ResetOutcome } from "../../destinations/resets.ts";
import type { Call, Outcome } from "../../destinations/sending.ts";
import { blocked } from "../../domain/blocked.ts";
import { ParkedError } from "../../engine/parked.ts";

/** Who is mailed. */
export interface Recipient {
  /** Cognito's. */
  sub: string;
  /** At the destination. */
  userId: string;
  /** When the account was last known to be written; null where nobody wrote it. */
  writtenAtMs: number | null;
  email: string;
  /** As Cognito has it; null where it has none. */
  language: string | null;
}

/** Who mails, and what is known of a mail whose answer was lost. */
export interface Mailing {
  /** One mail, never a second one by itself. */
  send(recipient: Recipient): Promise<Outcome>;
  /** An earlier try may have mailed: what became of it. Mails nothing. */
  settle(recipient: Recipient, firstClaimedAtMs: number, call: Call): Promise<Outcome>;
}

/** Nobody knows whether the mail went out. */
export const UNSETTLED = { kind: "skipped", reason: "unsettled" } as const satisfies Outcome;

/** An answer of the one who mails says so little: nobody knows whether the mail went out. */
export function unsettledBy(answer: string): Outcome {
  return { ...UNSETTLED, because: answer };
}

/** Nobody is mailed for a while: the batch ends early, and what is left of it is open. */
export class MailsHeldError extends Error {
  override readonly name = "MailsHeldError";
  /** A sentence for the operator. */
  readonly why: string;
  /** Null for the next day. */
  readonly retryAfterMs: number | null;

  constructor(why: string, retryAfterMs: number | null) {
    super(why);
    this.why = why;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An answer by which nothing was made or mailed. */
export function refusalOf(outcome: Exclude<ResetOutcome, { kind: "sent" | "unknown" }>): Outcome {
  switch (outcome.kind) {
    case "not_allowed":
      return stopped(new ParkedError(blocked("resets_not_allowed", { detail: outcome.code })));
    case "daily_quota":
      return stopped(new MailsHeldError(QUOTA_SPENT, outcome.retryAfterMs));
    default:
      return outcome;
  }
}

const QUOTA_SPENT = "The destination sends no more mails today.";

export function stopped(error: Error): Outcome {
  return { kind: "stopped", error };
}
