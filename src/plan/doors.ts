import type { Migration } from "../domain/migration.ts";
import type { Reason } from "../domain/outcomes.ts";
import type { Decision } from "./decide.ts";
import { isOfOtherDomain, type NoResetReason, whyNoLink } from "./reset-policy.ts";
import type { Standing } from "./still-as-planned.ts";

/**
 * What may be done for one person, through whichever door they come: the reset campaign, a sign-in, or a forgotten
 * password. `reset-policy.ts` has the campaign's part of it.
 */

/** Why nobody makes an account for them, or moves their password to one; null where somebody may. Pure. */
export function whyNoAccount(person: {
  /** What the rules of the plan say of them among those they are decided with. */
  decision: Decision;
  isSelected: boolean;
  /** The account that Spillway gave them was removed at the destination. */
  isRemoved: boolean;
}): Reason | null {
  if (!person.isSelected) return "not_selected";
  if (person.decision.action !== "create") return person.decision.reason;
  return person.isRemoved ? "removed_at_destination" : null;
}

/** Somebody of the source, as the newest snapshot has them. */
export interface KnownPerson extends Standing {
  /** By name, whether or not that snapshot lists them. */
  isLeftOut: boolean;
  /** How the source differs today from that snapshot; null where it does not. */
  changed: NoResetReason | null;
}

/** Who asks for a reset mail. */
export interface AskingPerson extends KnownPerson {
  /** The address that was typed, at which the account stands where there is one. */
  asked: string;
  /** Undefined for one who is listed no more. */
  decision: Decision | undefined;
  /** Whose key the account at the destination has, where the one who asks is merged into them; else null. */
  owner: KnownPerson | null;
  /** The account was signed in to: it is its owner's, whatever the source says of their address. */
  hasSignedIn: boolean;
  /** The destination says that the address asked for is verified. */
  isVerifiedThere: boolean;
}

/** What the file and the pool say of mails that are asked for. */
export interface AskingPolicy {
  resets: Migration["passwordResets"];
  /** The pool has second factors, which no reset at the destination asks for. */
  hasSecondFactors: boolean;
}

/** Why somebody who asks for a reset mail gets none; null where one is sent. Pure. */
export function whyNoAskedMail(person: AskingPerson, policy: AskingPolicy): NoResetReason | null {
  const { asked, decision, owner, hasSignedIn, isVerifiedThere } = person;
  const { resets, hasSecondFactors } = policy;
  const changed = person.changed ?? owner?.changed ?? null;
  if (!person.native || changed === "federated") return "federated";
  if (!person.enabled || owner?.enabled === false || changed === "disabled") return "disabled";
  if (person.isLeftOut || owner?.isLeftOut) return "left_out";
  // That the two are one person, the plan says of them as they were.
  if (owner !== null && changed !== null) return changed;
  if (hasSignedIn && isVerifiedThere) return isOfOtherDomain(asked, resets) ? "other_domain" : null;
  // The source says that another address is verified: nothing of the one asked for, which a stranger may read.
  if (person.email !== asked) return "address_changed";
  if (decision === undefined || decision.action === "skip") return "left_out";
  if (changed !== null) return changed;
  if (hasSecondFactors && !resets.acceptMfaLoss) return "second_factor";
  return whyNoLink({ ...person, emailVerified: person.emailVerified || isVerifiedThere }, resets);
}
