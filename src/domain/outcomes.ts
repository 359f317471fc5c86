/** How work and people end. Imports nothing of the project. */

export const WORK_ITEM_STATES = ["pending", "sending", "done", "failed", "skipped"] as const;
export type WorkItemState = (typeof WORK_ITEM_STATES)[number];

/** How somebody's reset mail ends. Stable: reports refer to them. */
export const RESET_OUTCOMES = ["mailed", "unsettled", "failed", "open", "not_mailed"] as const;
export type ResetOutcome = (typeof RESET_OUTCOMES)[number];

/** "mailed", "not_mailed: federated", "failed: user_missing", "mailed, before this run". */
export function fateOf({ outcome, reason, isEarlier = false }: MailFate): string {
  const fate = reason === null || reason === outcome ? outcome : `${outcome}: ${reason}`;
  return isEarlier ? `${fate}, before this run` : fate;
}

interface MailFate {
  outcome: ResetOutcome;
  reason: string | null;
  isEarlier?: boolean;
}

/** What the plan decides for one user. */
export type Action = "create" | "merge" | "skip";

/** Every user ends with exactly one of these. */
export type Outcome = "imported" | "merged" | "skipped" | "failed" | "open";

/**
 * Why a user was not imported. Stable: reports, docs and decisions of operators refer to them.
 * The explanation is what the report prints beside the code.
 */
export const REASONS = {
  disabled: "The user is disabled in Cognito; importing would let them in.",
  unconfirmed: "The user signed up but never confirmed, and the file says to skip those.",
  quarantined_status: "The user's status is ARCHIVED, COMPROMISED, UNKNOWN or not known to Spillway.",
  no_sub: "Cognito lists the user without a usable sub: nothing could tell the account from another one.",
  no_email: "The user has no e-mail address, and the destination needs one.",
  email_refused:
    "The e-mail address is malformed for the destination, or not of plain ASCII characters alone: never sent, never compared with another.",
  unverified_duplicate:
    "Several accounts share the e-mail address, and this one or the one imported is not verified: they may be different people.",
  merged_same_email: "The same person as another account: both have the same, verified e-mail address.",
  decision_disabled_member:
    "Several accounts share the e-mail address and one of them is disabled: a person must decide.",
  decision_nobody_verified:
    "Several accounts share the e-mail address and none is verified: a person must decide.",
  decision_too_many: "Over 1,000 accounts share the e-mail address: a person must decide.",
  signed_up_again:
    "An account with this e-mail address stands for another sub, which Cognito does not list any more: the person was deleted and signed up again, or had several accounts.",
  decided_skip: 'The migration file says "skip" for this user.',
  not_selected: 'The user is outside of the selection made by "only".',
  exists_at_destination:
    "An account that Spillway did not make has this e-mail address at the destination, and the file says to skip.",
  exists_unverified:
    "An account with this e-mail address exists at the destination, and not both sides are verified: never adopted.",
  external_id_taken:
    "An account with this e-mail address exists at the destination and belongs to another external id.",
  changed_after_import:
    "The user changed in Cognito after the import, and the account was not changed with them.",
  changed_there:
    "Somebody changed the account at the destination after the import; what changed in Cognito as well was left as it is there.",
  removed_at_destination:
    "Spillway made this account, or another one of the same person, and somebody removed it at the destination since.",
} as const;
export type Reason = keyof typeof REASONS;

/** The code of whoever fails since Cognito says something else by now than a run was planned by. */
export const CHANGED_IN_COGNITO = "changed_in_cognito";

/** The code of whoever fails since Cognito gives no answer about them alone. */
export const SOURCE_NO_ANSWER = "source_no_answer";

/** The code of what was tried often without an answer that could be understood: it may have taken effect. */
export const NO_CLEAR_ANSWER = "no_clear_answer";

/** Reasons that begin so wait for an operator to name people in the file. */
export const FOR_A_PERSON_TO_DECIDE = "decision_";
