import type { Secret } from "../domain/secret.ts";
import type { Answer } from "./destination.ts";

/** What the sign-in bridge asks of a destination: passwords and sessions of single people. */

/** Where the person sits, as the application saw it; the destination's own protection works with it. */
export interface ClientDetails {
  ipAddress: string | null;
  userAgent: string | null;
}

/** The destination's own answer, field by field: the application knows it from the destination's documents. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a sign-in still needs; `fields` carry what the application goes on with at the destination. */
export type NextStep = "second_factor" | "not_verified" | "choose_organization" | "other_method";

export type SignInAnswer =
  | { kind: "signed_in"; session: Fields }
  /** Unknown person and wrong password alike. */
  | { kind: "refused" }
  | { kind: "next_step"; step: NextStep; code: string; fields: Fields }
  | { kind: "slow_down"; retryAfterMs: number }
  | { kind: "outage"; code: string };

/** An account as the bridge judges it. */
export interface Account {
  id: string;
  externalId: string | null;
  /** Trimmed and lower-cased. */
  email: string;
  emailVerified: boolean;
  /** True once anybody signed in to it, in whatever way. */
  hasSignedIn: boolean;
}

export type SetPasswordAnswer =
  | { kind: "set" }
  /** The destination's rules for passwords refuse it. */
  | { kind: "too_weak" }
  | { kind: "slow_down"; retryAfterMs: number }
  /** It may have been set. */
  | { kind: "outage"; code: string };

/** A password reset that its owner completed. */
export interface CompletedReset {
  accountId: string;
  eventId: string;
  atMs: number;
}

export interface SignInDestination {
  /** Carries what names the environment beside the key: where the two do not belong together, that is an outage. */
  signIn(email: string, password: Secret, client: ClientDetails): Promise<SignInAnswer>;
  /** Null where nobody has the address. */
  accountByEmail(email: string): Promise<Answer<Account | null>>;
  /** By our key; null where it is not there. */
  accountByExternalId(externalId: string): Promise<Answer<Account | null>>;
  setPassword(accountId: string, password: Secret): Promise<SetPasswordAnswer>;
  /** Everybody's completed resets after that event, oldest first, one page; empty at the end. */
  completedResets(afterEventId: string | null): Promise<Answer<CompletedReset[]>>;
}
