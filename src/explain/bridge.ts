import { ALERT_SENTENCES } from "../bridge/alerts.ts";
import { TROUBLE_SENTENCES } from "../bridge/cognito-troubles.ts";
import type { EndedAs } from "../bridge/metrics.ts";
import type { BeforeProof } from "../bridge/outcomes.ts";
import { REFUSAL_SENTENCES } from "../bridge/refusals.ts";
import { type LedgerProblem, ledgerError } from "../ledger/errors.ts";
import { type Codes, type Meaning, meaning, meanings } from "./meaning.ts";

/** Words of the sign-in bridge: in its answers, its log and its metrics. */

export const ANSWERS: Readonly<Record<Exclude<EndedAs, BeforeProof>, Meaning>> = {
  signed_in: meaning("The password is right; the answer has the destination's session."),
  proven: meaning("The password is right, and whoever asked for the proof hears so."),
  accepted: meaning(
    "Somebody asked for a reset mail. It says nothing about whether there is one: the log's troubles do.",
  ),
  wrong: meaning("Unknown person, or a password that is wrong or was replaced."),
  second_factor: meaning(
    "The password is right, and a second factor is asked for.",
    "With a token in `continue` the application goes on at the destination. Else the factor is Cognito's: a reset drops it, where the file has `acceptMfaLoss`.",
  ),
  not_verified: meaning(
    "The password is right, and nobody verified the address.",
    "With a token in `continue` the destination mailed a code. Else somebody has to verify the address in Cognito.",
  ),
  choose_organization: meaning("The password is right, and the person has to choose an organization."),
  other_method: meaning("The destination asks for another way in, such as single sign-on or a passkey."),
  reset_required: meaning(
    "The password is right but temporary, or a newer one may exist.",
    'The application offers "forgot password".',
  ),
  password_reset_required: meaning(
    "The password is right, and too weak for the destination.",
    'The application offers "forgot password".',
  ),
  not_for_import: meaning(
    "The password is right, and the plan leaves this person out; its reason stands beside it.",
    "Explain the reason.",
  ),
  throttled: meaning(
    "Over a limit, or Cognito or the destination throttles.",
    "Try again after `Retry-After`.",
  ),
  outage: meaning("Nothing is known about the password.", "The log has the code of the outage: explain it."),
};

/** Everybody who asks hears `wrong`. */
export const UNPROVEN: Readonly<Record<BeforeProof, Meaning>> = {
  disabled: meaning("Disabled in Cognito, or refused by the pool's pre authentication trigger."),
  unconfirmed: meaning("The sign-up was never confirmed, whatever the password."),
  reset_pending: meaning(
    "Cognito wants a reset, the temporary password expired, or its threat protection blocks the sign-in.",
  ),
  locked_out: meaning(
    "After five wrong passwords Cognito refuses the right one too, for a second at first, then longer.",
  ),
};

const said = () => ({ help: null });

export const REFUSED_CALLS: Codes = meanings(REFUSAL_SENTENCES, said);

const NOT_MAILED = "Somebody who asked was not mailed: ";

export const TROUBLES: Codes = {
  ...meanings(TROUBLE_SENTENCES, said),
  ...meanings(ALERT_SENTENCES, said),
  access_not_proven: meaning(
    "The destination's key is not proven to be of the environment in the settings: nobody is looked up, moved or mailed.",
    "The log line says why.",
  ),
  resets_not_copied: meaning(
    "The destination's events of completed resets cannot be read. Sign-ins that need them are outages.",
    "See the destination's status page.",
  ),
  password_may_be_newer: meaning(
    "A right password of Cognito's was refused with reset_required, as the destination may have a newer one.",
    'The person uses "forgot password".',
  ),
  source_not_asked: meaning(
    `${NOT_MAILED}Cognito gave no answer about them. The call and AWS's code stand beside it as \`cause\`.`,
  ),
  mfa_loss_not_accepted: meaning(
    `${NOT_MAILED}the pool has second factors, and a reset would pass them by.`,
    'Set `"acceptMfaLoss": true` in `passwordResets` where it may, and start again.',
  ),
  reset_link_just_lost: meaning(
    `${NOT_MAILED}the answer about their last link was lost half a minute ago or less.`,
  ),
  alert_not_delivered: meaning("The alert webhook took no alert; it is tried again with the next trouble."),
  proof_not_noted: meaning("A proven password could not be noted: the campaign may mail this person."),
  limits_not_cleared: meaning("Old counts of tries could not be removed, and stay for now."),
  pace_not_counted: meaning("An import did not hear of some calls of the bridge."),
  unexpected: meaning("A defect of the bridge.", "Report it, without personal data."),
  reset_rejected: meaning(`${NOT_MAILED}the destination refused the reset.`),
  reset_unknown: meaning("The destination gave no clear answer about a reset mail: it may be out."),
  reset_slow_down: meaning(`${NOT_MAILED}the destination throttles resets.`),
  reset_not_allowed: meaning(
    `${NOT_MAILED}the destination's environment sends no reset mails.`,
    "Turn on e-mail and password sign-in there, and allow resets.",
  ),
  reset_access_lost: meaning(`${NOT_MAILED}the destination refuses the key.`),
  mail_rejected: meaning(`${NOT_MAILED}your mail server or webhook refused the mail.`, "See its log."),
  mail_unknown: meaning("Your mail server or webhook gave no clear answer about a mail: it may be out."),
  mail_slow_down: meaning(`${NOT_MAILED}your mail server or webhook throttles.`),
  mail_put_off: meaning(`${NOT_MAILED}your mail server or webhook is busy, or cannot be reached.`),
};

const TRY_AGAIN = "The person tries again.";

/** Nobody is brought over or mailed meanwhile; whoever has moved signs in. */
const OF_LEDGER: readonly LedgerProblem[] = [
  "ledger_busy",
  "ledger_slow",
  "ledger_full",
  "ledger_not_writable",
  "ledger_unreachable",
  "ledger_unsuitable",
  "ledger_newer",
  "ledger_broken",
  "ledger_ended",
  "ledger_stuck",
];

export const OUTAGES: Codes = {
  ...Object.fromEntries(OF_LEDGER.map((code) => [code, meaning(ledgerError(code).message)])),
  no_migration: meaning(
    "The ledger has no run of this pool to this environment, or it was undone.",
    "Check SPILLWAY_LEDGER, or start a run.",
  ),
  purged: meaning(
    "The migration was purged, and no run has read the pool since: only those who have moved sign in.",
    "Where more are to move, start a run.",
  ),
  begun_anew: meaning("An undo or a purge began meanwhile, and a run after it.", TRY_AGAIN),
  too_slow: meaning("Cognito or the destination was too slow."),
  too_many_at_once: meaning("Too many requests are at work, or too many answers held."),
  too_many_mails: meaning("Too many mails are under way."),
  too_many_to_look_at: meaning("Over ten linked people would have to be asked about in Cognito, one by one."),
  too_many_pages: meaning("Cognito lists over 60 pages of people with the address."),
  endless_list: meaning("A list of the destination's events came back to an earlier page."),
  changed_in_source: meaning("Cognito's answers about the person contradict each other.", TRY_AGAIN),
  account_not_visible: meaning("The destination has the account, and does not show it yet.", TRY_AGAIN),
  look_too_slow: meaning("The last look at the destination took over a second, twice.", TRY_AGAIN),
  mail_not_set_up: meaning("The file sends own mails, and the bridge has no SPILLWAY_MAIL.", "Set it."),
  EmptyAnswer: meaning("Cognito answered without what it documents."),
  EndlessList: meaning("A list of Cognito's came back to an earlier page."),
};
