import type { ResetState } from "../ledger/reset-outcomes.ts";
import type { Migration } from "../migration.ts";
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

const UNSETTLED = "unsettled";

/** Null for somebody whom no campaign has to do with: none was planned, and the file sends none. Pure. */
export function resetStanding(person: ResetState, policy: Migration["passwordResets"]): ResetStanding | null {
  const { sub, userId, state, settledAtMs } = person;
  if (state === null && !policy.send) return null;
  const { outcome, reason } = outcomeOf(person, policy);
  const resetId = outcome === "mailed" ? person.resetId : null;
  return { sub, userId, outcome, reason, resetId, settledAtMs };
}

function outcomeOf(
  person: ResetState,
  policy: Migration["passwordResets"],
): Pick<ResetStanding, "outcome" | "reason"> {
  const { state, code, moved } = person;
  switch (state) {
    case "done":
      return { outcome: "mailed", reason: null };
    case "failed":
      return { outcome: "failed", reason: code };
    case "skipped":
      if (moved && code === "password_in_doubt") return { outcome: "not_mailed", reason: "moved_by_bridge" };
      if (code === UNSETTLED) return { outcome: "unsettled", reason: code };
      // Numbered by an earlier run, and withdrawn by the plan of a later one.
      return { outcome: "not_mailed", reason: code ?? noResetReason(person, policy) ?? "left_out" };
    case "pending":
    case "sending":
      return { outcome: "open", reason: null };
    case null: {
      const reason = moved ? "moved_by_bridge" : noResetReason(person, policy);
      return { outcome: reason === null ? "open" : "not_mailed", reason };
    }
  }
}
