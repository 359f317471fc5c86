import type { MailState } from "../domain/books.ts";
import type { Migration } from "../domain/migration.ts";
import type { ResetOutcome, WorkItemState } from "../domain/outcomes.ts";
import { type NoResetReason, noResetReason, type ResetCandidate } from "./reset-policy.ts";

/** Somebody with an account, and how their reset mail stands. */
export interface ResetState extends ResetCandidate {
  sub: string;
  /** Of their account at the destination. */
  userId: string | null;
  /** By the plan of this run; not somebody who is gone from Cognito since, or whom a pilot leaves out. */
  isPlanned: boolean;
  /** By which they sign in in Cognito; empty of whoever has a password. */
  providers: readonly string[];
  /** Of the campaign's mail; null where it never came to them. */
  mail: MailState | null;
  /** How the work item of this run stands; null without one. */
  state: WorkItemState | null;
  code: string | null;
  /** Of the mail, as the destination calls it; no token. */
  resetId: string | null;
  settledAtMs: number | null;
  /** An account that signs in at an identity provider stands for them: they have none of their own. */
  isMergedIntoFederated: boolean;
  /** The sign-in bridge brought their password along. */
  moved: boolean;
  /** The destination asked the bridge about their password, and heard that it is right. */
  proven: boolean;
}

/** How somebody's reset mail ended. Holds neither address nor token. */
export interface ResetStanding {
  sub: string;
  userId: string | null;
  outcome: ResetOutcome;
  /** Why there was no mail, or a failure's code; null where the outcome says it all. */
  reason: string | null;
  resetId: string | null;
  settledAtMs: number | null;
}

/** Null for somebody whom no campaign has to do with: it never came to them, and the file sends none. Pure. */
export function resetStanding(person: ResetState, policy: Migration["passwordResets"]): ResetStanding | null {
  const { sub, userId, mail, state, settledAtMs } = person;
  if (mail === null && state === null && !policy.send) return null;
  const { outcome, reason } = outcomeOf(person, policy);
  const resetId = outcome === "mailed" ? person.resetId : null;
  return { sub, userId, outcome, reason, resetId, settledAtMs };
}

function outcomeOf(
  person: ResetState,
  policy: Migration["passwordResets"],
): Pick<ResetStanding, "outcome" | "reason"> {
  const { mail, state, code } = person;
  switch (mail) {
    case "mailed":
      return { outcome: "mailed", reason: null };
    case "refused":
      // It is tried once more.
      if (state === "pending" || state === "sending") return { outcome: "open", reason: null };
      return { outcome: "failed", reason: code };
    case "unsettled":
      return { outcome: "unsettled", reason: "unsettled" };
    case "claimed":
      // Tried often, and still in doubt.
      return state === "failed" ? { outcome: "failed", reason: code } : { outcome: "open", reason: null };
    case null:
      return unmailed(person, policy);
  }
}

function unmailed(
  { moved, proven, state, code, isPlanned, isMergedIntoFederated, ...person }: ResetState,
  policy: Migration["passwordResets"],
): Pick<ResetStanding, "outcome" | "reason"> {
  if (moved) return { outcome: "not_mailed", reason: "moved_by_bridge" };
  if (proven) return { outcome: "not_mailed", reason: "proven_by_bridge" };
  if (state === "skipped") return { outcome: "not_mailed", reason: code ?? "left_out" };
  const reason = noResetReason(person, policy) ?? withoutAccount(isMergedIntoFederated, isPlanned);
  return { outcome: reason === null ? "open" : "not_mailed", reason };
}

function withoutAccount(isMergedIntoFederated: boolean, isPlanned: boolean): NoResetReason | null {
  if (isMergedIntoFederated) return "merged_into_federated";
  return isPlanned ? null : "left_out";
}
