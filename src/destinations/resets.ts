import type { Secret } from "../domain/secret.ts";
import type { Answer } from "./destination.ts";

/** Whoever has the link sets the password: it goes into one mail, and nowhere else. */
export interface ResetLink {
  url: Secret;
  expiresAt: Date;
}

/** How one reset ended. "sent": made, for the account `userId`, and mailed by the destination unless its own mails are turned off. */
export type ResetOutcome =
  | { kind: "sent"; resetId: string; userId: string; link: ResetLink }
  /** The destination refused this person; `code` is a stable word, `message` the vendor's own. */
  | { kind: "rejected"; code: string; message: string }
  /** May have gone out: only the destination's own record tells. */
  | { kind: "unknown"; code: string; message: string }
  | { kind: "slow_down"; retryAfterMs: number }
  /** No more mails today. */
  | { kind: "daily_quota"; retryAfterMs: number | null }
  /** Nobody may be mailed: a person has to change a setting at the destination. */
  | { kind: "not_allowed"; code: string }
  | { kind: "access_lost"; code: string };

/** A mail that the destination says it sent. */
export interface SentMail {
  /** At the destination. */
  userId: string;
  resetId: string;
  atMs: number;
}

export interface SentMailPage {
  mails: SentMail[];
  nextCursor: string | null;
}

export interface ResetSender {
  /** One call, never repeated by itself. */
  send(email: string): Promise<ResetOutcome>;
  /** Everybody's mails from then on, oldest first. */
  sentSince(sinceMs: number, cursor: string | null): Promise<Answer<SentMailPage>>;
}
