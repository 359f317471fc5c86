import type { Reason } from "../domain/outcomes.ts";
import type { Story } from "../ledger/story.ts";

/** What a person can do about how somebody ended, in plain words. */

const START = "start again";
const ASKED = `\`./spillway decide FILE\` shows them and asks; then ${START}.`;

/** Null where nothing is to be done. */
export const STEP_BY_REASON: Readonly<Record<Reason, string | null>> = {
  disabled: `If they are to come along, enable the user in Cognito and ${START}.`,
  unconfirmed: `If they are to come along, set \`users.unconfirmed\` to "import" and ${START}.`,
  quarantined_status: `If they are to come along, name them with "import" in \`users.decisions\` and ${START}.`,
  no_sub: "Ask AWS: every user of Cognito has a sub. Or let the person sign up at the destination.",
  no_email: `Set an address in Cognito and ${START}.`,
  email_refused: `Mend the address in Cognito and ${START}.`,
  unverified_duplicate: "Usually nothing: an account that was never verified may belong to a stranger.",
  merged_same_email: null,
  decision_disabled_member: ASKED,
  decision_nobody_verified: ASKED,
  decision_too_many: ASKED,
  signed_up_again: `Leave it so where the earlier account is to stay theirs. Where they are to begin anew, remove it at the destination; \`./spillway decide FILE\` asks; then ${START}.`,
  decided_skip: `If they are to come along, take them out of \`users.decisions\` and ${START}.`,
  not_selected: `If they are to come along, take "only" out of the file and ${START}.`,
  exists_at_destination: `If that account is theirs, set \`users.onExisting\` to "adopt" and ${START}.`,
  exists_unverified: `Have the address verified on the side that lacks it, and ${START}.`,
  external_id_taken:
    "Look up at the destination whose external id it is; `./spillway explain external_id_taken` says more.",
  changed_after_import: `If the account is to change with them, ${START}. A new address is written once \`./spillway decide FILE\` was answered.`,
  changed_there: `Look which value is right. To have Cognito's, set \`users.changedThere\` to "overwrite" and ${START}.`,
  removed_at_destination: `To bring the person back: \`./spillway decide FILE\` asks about another account of theirs, if Cognito lists one; then ${START}.`,
};

interface Known {
  /** The newest snapshot has read all of the pool. */
  isWholePool: boolean;
  /** The newest run is an undo. */
  isUndone: boolean;
  /** The destination did not hold what was written, when it was looked at last. */
  differs: boolean;
}

/** What to do next, most pressing first; empty where nothing is left. */
export function nextSteps(story: Story, { isWholePool, isUndone, differs }: Known): string[] {
  const { outcome, account, source, items } = story;
  const stands = account?.state === "standing";
  const steps = [
    ...(outcome === null ? (isUndone ? [] : unlistedStep(stands, isWholePool)) : ofOutcome(story)),
    ...(stands && source?.enabled === false && outcome !== null
      ? [
          "The user was disabled after the import, and the account still works: remove it at the destination, or set `users.disabledLater`.",
        ]
      : []),
    ...(account?.state === "in_doubt"
      ? ["Nobody knows whether the account was made: the next run looks it up before it makes one."]
      : []),
    ...(items.some(({ state, phase }) => state === "failed" && phase !== "users")
      ? [`What failed beside the account is tried again by the next run: mend its cause and ${START}.`]
      : []),
    ...(differs ? ["The destination holds something else than was written: below stands what helps."] : []),
  ];
  return steps.filter((step) => step !== "");
}

function ofOutcome({ outcome }: Story): string[] {
  const reason = outcome?.reason ?? null;
  if (reason !== null && isReason(reason)) return [STEP_BY_REASON[reason] ?? ""];
  if (outcome?.outcome === "failed")
    return [`Mend what the destination complains of, and ${START}: the next run tries again.`];
  return outcome?.outcome === "open"
    ? ["Wait: `./spillway watch POOL` shows the run. Without one, start it."]
    : [];
}

function isReason(reason: string): reason is Reason {
  return Object.hasOwn(STEP_BY_REASON, reason);
}

function unlistedStep(stands: boolean, isWholePool: boolean): string[] {
  if (!isWholePool) return ['Look again after the phase "snapshot" of the newest run.'];
  return stands
    ? [
        "Cognito lists them no more, and the account still works: remove it at the destination, or set `users.deletedLater`.",
      ]
    : [];
}
