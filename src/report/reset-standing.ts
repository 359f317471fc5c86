import type { Migration } from "../domain/migration.ts";
import type { ResetState } from "../ledger/campaign.ts";
import { noResetReason } from "../plan/reset-policy.ts";

export const RESET_OUTCOMES = ["mailed", "unsettled", "failed", "open", "not_mailed"] as const;
export type ResetOutcome = (typeof RESET_OUTCOMES)[number];

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
  { moved, state, code, isPlanned, ...person }: ResetState,
  policy: Migration["passwordResets"],
): Pick<ResetStanding, "outcome" | "reason"> {
  if (moved) return { outcome: "not_mailed", reason: "moved_by_bridge" };
  if (state === "skipped") return { outcome: "not_mailed", reason: code ?? "left_out" };
  const reason = noResetReason(person, policy) ?? (isPlanned ? null : "left_out");
  return { outcome: reason === null ? "open" : "not_mailed", reason };
}
