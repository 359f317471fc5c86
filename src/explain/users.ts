import { type Outcome, REASONS, type Reason } from "../domain/outcomes.ts";
import { STEP_BY_REASON } from "../report/next-steps.ts";
import { type Codes, meaning, meanings, PERSON, REDRIVE, START, WATCH } from "./meaning.ts";

/** How users end, and why. */

export const OUTCOMES: Readonly<Record<Outcome, ReturnType<typeof meaning>>> = {
  imported: meaning("The person has an account at the destination, with their sub as its external id."),
  merged: meaning(
    "Another Cognito account of the same person was imported, and its account stands for this one too.",
  ),
  skipped: meaning(
    "The person got no account, by a rule or by your decision.",
    "The reason beside it says why: explain that word.",
    PERSON,
  ),
  failed: meaning(
    "The destination refused the account.",
    "The reason beside it is a failure code; some are the destination's own.",
    PERSON,
    REDRIVE,
  ),
  open: meaning(
    "Not settled yet. None is left when a run is done.",
    "Wait for the run, or start one.",
    WATCH,
  ),
};

export const HOW: Codes = {
  created: meaning("Spillway made the account."),
  already_there: meaning(
    "An account with this person's key was there before this ledger knew of it.",
    'Reset mails leave these people out, unless the file has `passwordResets.alreadyThere` as "send".',
  ),
  adopted: meaning(
    "An account of somebody else's making has the person's verified address; it got their key, as `users.onExisting` says.",
    "An undo gives it back as it was.",
  ),
  merged: meaning("The account of another Cognito account of the same person stands for this one."),
};

/** In place of the step that a person's story tells, which leads here. */
const WHOLE: Partial<Record<Reason, string>> = {
  external_id_taken:
    "Look up at the destination whose external id it is. Where it is the sub of somebody here whose address changed, change it at the destination too, and start again. Else find out who set it. Spillway changes neither.",
};

/** What the sentences do not say. */
const MORE: Partial<Record<Reason, string>> = {
  disabled: "No setting lets them in.",
  quarantined_status: 'Or set `users.quarantined` to "import", which is for all of them.',
  email_refused: "Letters beyond ASCII look alike: addresses with them are compared with no others.",
  unverified_duplicate:
    "Where the imported one is the unverified one, change its address at the destination and in Cognito, and start again.",
  signed_up_again: "`./spillway lookup SUB` names the earlier account.",
  changed_after_import:
    "It stands with `imported`: disabled since, or another address, or the run only planned. Whoever is left out by now only because of `only` or `users` has no reason.",
  changed_there: "It stands with `imported`: nothing that somebody changed there is written over.",
  removed_at_destination:
    "It is never made again, nor by itself another account of theirs (same verified address, or linked). `./spillway lookup --email` shows these.",
};

export const USER_REASONS: Codes = {
  ...meanings(REASONS, whatHelps),
  back_in_source: meaning(
    "The account was to be removed, and Cognito lists the person again, or has them enabled: it stays.",
    "The next run plans them anew.",
    START,
  ),
};

function whatHelps(reason: Reason) {
  const step = WHOLE[reason] ?? STEP_BY_REASON[reason];
  const help = [step, MORE[reason]].filter((text) => text != null).join(" ");
  const isStart = step?.includes("start again") === true;
  return { help: help === "" ? null : help, commands: [PERSON, ...(isStart ? [START] : [])] };
}
