import type { FirstMail } from "../domain/contract.ts";
import type { Migration } from "../domain/migration.ts";
import { CANARY_SINCE, CANARY_TO } from "../plan/counters.ts";
import { type ResetState, resetStanding } from "../plan/reset-standing.ts";
import { resetStatesOf } from "./campaign.ts";
import type { Counters } from "./cursors.ts";
import type { Db } from "./ledger.ts";
import { keysUpTo } from "./queue-questions.ts";
import type { RunOfMigration } from "./runs.ts";

/**
 * What became of those who are mailed before an approval, in their order: whom the file names, or the first of the queue.
 * Counters are those of the campaign's walk. Whose mail came from another sender is none of them any more.
 */
export async function firstMails(
  db: Db,
  run: RunOfMigration,
  policy: Migration["passwordResets"],
  counters: Counters,
): Promise<FirstMail[]> {
  const { canary } = policy;
  const { [CANARY_TO]: to = 0, [CANARY_SINCE]: sinceMs = 0 } = counters;
  const named = typeof canary === "number" ? await keysUpTo(db, run, "resets", { to, sinceMs }) : canary;
  const states = await resetStatesOf(db, run, named);
  const subs = named.filter((sub) => (states.get(sub)?.settledAtMs ?? sinceMs) >= sinceMs);
  return subs.map((sub) => {
    const state = states.get(sub);
    const standing = state === undefined ? null : resetStanding(state, policy);
    const { outcome, reason } = standing ?? WITHOUT_ACCOUNT;
    return { sub, outcome, reason, ...(isEarlier(state) ? { isEarlier: true as const } : {}) };
  });
}

/** A mail of this run has an item in its queue. */
function isEarlier(state: ResetState | undefined): boolean {
  return state !== undefined && state.state === null && state.mail !== null && state.mail !== "refused";
}

const WITHOUT_ACCOUNT = { outcome: "not_mailed", reason: "user_not_imported" } as const;
