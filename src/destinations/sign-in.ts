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
  createdAtMs: number;
  /** When the destination says that it was last changed, by whomever; a sign-in is no change. */
  changedAtMs: number;
}

export type SetPasswordAnswer =
  | { kind: "set" }
  /** The destination's rules for passwords refuse it. */
  | { kind: "too_weak" }
  | { kind: "slow_down"; retryAfterMs: number }
  /** It may have been set. */
  | { kind: "outage"; code: string };

/** A link was made by which the owner of an account may set a password, or it was used for that. */
export interface ResetEvent {
  kind: "opened" | "completed";
  resetId: string;
  accountId: string;
  expiresAtMs: number;
  eventId: string;
  atMs: number;
}

export interface ResetEventPage {
  events: ResetEvent[];
  /** Nothing came after it yet. */
  isLast: boolean;
}

export interface SignInDestination {
  /** Carries what names the environment beside the key: where the two do not belong together, that is an outage. */
  signIn(email: string, password: Secret, client: ClientDetails): Promise<SignInAnswer>;
  /** Null where nobody has the address. */
  accountByEmail(email: string): Promise<Answer<Account | null>>;
  /** By our key; null where it is not there. */
  accountByExternalId(externalId: string): Promise<Answer<Account | null>>;
  /** By its id, which shows what other look-ups do not show yet; null where it is not there. */
  accountById(accountId: string): Promise<Answer<Account | null>>;
  setPassword(accountId: string, password: Secret): Promise<SetPasswordAnswer>;
  /** What happened to everybody's password resets after that event, oldest first, one page. */
  resetEvents(afterEventId: string | null): Promise<Answer<ResetEventPage>>;
  /** Whether the link can still be used: then nobody has set a password by it. */
  isResetUnused(resetId: string): Promise<Answer<boolean>>;
}
