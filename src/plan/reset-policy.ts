import type { Migration } from "../domain/migration.ts";
import type { PoolShape } from "../domain/pool.ts";

/** What the rules of the reset campaign need to know of one imported person. */
export interface ResetCandidate {
  status: string;
  enabled: boolean;
  native: boolean;
  email: string | null;
  emailVerified: boolean;
  /** How the import ended: created, adopted or already_there. */
  how: string | null;
}

/** Why somebody gets no reset mail. */
export const NO_RESET_REASONS = {
  federated: "Signs in at an identity provider and has no password.",
  merged_into_federated:
    "Has a password in Cognito, and was merged into an account that signs in at an identity provider and has none.",
  disabled: "Is disabled in Cognito.",
  not_confirmed: "Signed up and never confirmed: whoever owns the address has not been heard of.",
  unverified: "The address is not verified: a completed reset would verify it for whoever reads it.",
  other_domain: "The file mails only some domains, and this is none of them.",
  already_there: "Was at the destination before this ledger knew them: may have been mailed already.",
  moved_by_bridge: "Signed in over the bridge: the password came along.",
  password_in_doubt:
    "Typed their password at the bridge, and nobody knows whether it came along: a person decides.",
  proven_by_bridge:
    "Proved their password to the destination over the bridge: only the destination knows whether it keeps it.",
  already_reset: "Completed a password reset before the campaign came to them.",
  asked_already:
    "Asked the bridge for a mail before the campaign came to them: may have been mailed already.",
  address_changed:
    "Has another address at the destination than in Cognito: the link would be for whoever has that address there.",
  second_factor:
    "Asked for a mail; the pool has second factors, and the file does not say that a reset may pass them by.",
  changed_in_cognito: "Has changed in Cognito since the plan: the next run judges them anew.",
  left_out: "The plan of the last run leaves them out: not selected, or gone from Cognito.",
  user_not_imported: "Has no account at the destination that Spillway knows any more.",
  unsettled: "Nobody can tell whether the mail went out: a person decides, it is never sent again.",
} as const;
export type NoResetReason = keyof typeof NO_RESET_REASONS;

/** Statuses of people who have had an account in use, or were given one. */
const MAILED = ["CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"];

/** Null for somebody whom the campaign mails. Pure. */
export function noResetReason(
  candidate: ResetCandidate,
  policy: Migration["passwordResets"],
): NoResetReason | null {
  const wasThere = candidate.how !== "created" && policy.alreadyThere === "skip";
  return whyNoLink(candidate, policy) ?? (wasThere ? "already_there" : null);
}

/** Why nobody may send this person a link, whoever asks for it; null where somebody may. Pure. */
export function whyNoLink(
  { status, enabled, native, email, emailVerified }: Omit<ResetCandidate, "how">,
  policy: Migration["passwordResets"],
): NoResetReason | null {
  if (!native) return "federated";
  if (!enabled) return "disabled";
  if (!MAILED.includes(status)) return "not_confirmed";
  // Of people who never confirmed anything themselves, only a verified address is theirs.
  if (!emailVerified && !(status === "CONFIRMED" && policy.unverified === "send")) return "unverified";
  return isOfOtherDomain(email, policy) ? "other_domain" : null;
}

/** Whether the file mails only some domains, and this address is of none of them. Pure. */
export function isOfOtherDomain(email: string | null, { onlyDomains }: Migration["passwordResets"]): boolean {
  return onlyDomains !== undefined && !onlyDomains.includes(email?.split("@").at(-1) ?? "");
}

/** Whether the file has to choose what becomes of this person: confirmed, and nobody verified the address. Pure. */
export function isUndecided(candidate: ResetCandidate, policy: Migration["passwordResets"]): boolean {
  const { native, enabled, status, emailVerified } = candidate;
  return policy.unverified === "undecided" && native && enabled && status === "CONFIRMED" && !emailVerified;
}

/** Whether a reset would pass second factors by, and the file does not say that it may. Pure. */
export function dropsFactors(
  { mfa }: Pick<PoolShape, "mfa">,
  { acceptMfaLoss }: Pick<Migration["passwordResets"], "acceptMfaLoss">,
): boolean {
  return mfa !== "OFF" && !acceptMfaLoss;
}
