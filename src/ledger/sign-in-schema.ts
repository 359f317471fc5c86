import type { Generated } from "kysely";
import type { MailDelivery, MailState } from "../domain/books.ts";
import type { Bit } from "./dialect.ts";

/** Tables of how people come to sign in: reset mails and their links, and what the bridge keeps. */

/** `status` is null for somebody who is gone. */
export interface LookTable {
  migration_id: number;
  sub: string;
  generation: number;
  looked_at_ms: number;
  status: string | null;
  enabled: Bit;
  native: Bit;
  email: string | null;
  email_verified: Bit;
}

/** A person's reset mails, by who sends them; kept for ever. */
export interface MailTable {
  migration_id: number;
  sub: string;
  sender: "campaign" | "bridge";
  state: MailState;
  /** That went out, as far as is known, or are about to. */
  mails: number;
  claimed_at_ms: number;
  settled_at_ms: number | null;
  /** By whom the campaign's claim was to be mailed; null for what it never claimed. */
  delivery: MailDelivery | null;
  /** As the destination calls it; no token. */
  mail_id: string | null;
  /** Of the bridge's mails, those whose links the destination has not named in its answer. */
  unknown_links: Generated<number>;
  /** Of the bridge's mails, those of which it is not known yet whether they went out. */
  open_mails: Generated<number>;
  code: string | null;
}

/** Somebody whose password the sign-in bridge brings over, or has. */
export interface BridgeMoveTable {
  migration_id: number;
  sub: string;
  /** When a password was last about to be set. */
  begun_at_ms: number;
  /** Tries of which nobody knows whether they set the password. */
  open_moves: Generated<number>;
  /** Null as long as no try is known to have set it. */
  moved_at_ms: number | null;
}

/** A link by which the owner of an account may set a password; gone once it was used, or is long past. */
export interface ResetLinkTable {
  migration_id: number;
  /** As the destination calls it; no token. */
  reset_id: string;
  destination_id: string;
  /** By the destination's clock. */
  expires_at_ms: number;
}

/** A link of our own mails that is in nobody's hands, and never will be. */
export interface UnsentLinkTable {
  migration_id: number;
  /** As the destination calls it; made up for one whose answer was lost. */
  reset_id: string;
  /** Whose link it is, if its answer was lost; else null. */
  sub: string | null;
  /** Between when it was made, if it was, by the ledger's clock; both are null for one with a name. */
  made_from_ms: number | null;
  made_by_ms: number | null;
}

/** How far the destination's events of one kind were copied. */
export interface EventPositionTable {
  migration_id: number;
  kind: string;
  event_id: string;
  at_ms: number;
}

/** How often something was taken of what the sign-in bridge gives out sparingly. */
export interface BridgeLimitTable {
  /** A digest: what is counted may be an address. */
  key: string;
  taken: number;
  /** Counted until then; the next one begins anew. */
  until_ms: number;
}
