import { VENDORS } from "../destinations/registry.ts";
import { type Codes, meaning, REDRIVE, START, WORDS } from "./meaning.ts";

/** Codes of what failed. Others are the destination's own: its reference explains them. */

const FIRST = [WORDS, REDRIVE] as const;

export const FAILURES: Codes = {
  "http_<status>": meaning(
    "The destination, or your mail webhook, refused the call with this HTTP status and no code of its own.",
    null,
    ...FIRST,
  ),
  not_found: meaning("The destination does not know its own API's address.", apiAddress(), ...FIRST),
  forbidden: meaning("The destination forbids this call (403), though the key works.", null, ...FIRST),
  changed_in_cognito: meaning(
    "The person, or somebody who is decided with them, has changed in Cognito since the plan, so the redrive left them alone. It does the same where over 50 people are decided together.",
    "A new run plans them anew.",
    START,
  ),
  source_no_answer: meaning(
    "Cognito gave no answer about this person before a mail, a redrive or a removal. Nothing was sent.",
    null,
    REDRIVE,
  ),
  no_clear_answer: meaning(
    "After eight tries nobody knows whether the call took effect. The message begins with the cause.",
    "Explain the cause. The next try looks first, so nothing is made twice. Of a reset mail: it may be out, so ask the person before anything else.",
    ...FIRST,
  ),
  organization_missing: meaning(
    "The organization of a connection or an application could not be made, or somebody removed it.",
    "docs/runbook.md, `An organization was removed`, says what to do.",
    WORDS,
    START,
  ),
  organization_domain_taken: meaning(
    "Another organization has one of the file's `verifiedDomains`.",
    "Remove it from that one, or from the file.",
    START,
  ),
  saml_settings_missing: meaning(
    "Cognito has neither a metadata URL nor a metadata document of the SAML provider.",
    "Give it one in Cognito, or leave the provider behind in the file.",
    START,
  ),
  user_or_organization_missing: meaning(
    "Somebody removed the person or the organization of a membership.",
    "docs/runbook.md, `An organization was removed`, says what to do.",
    ...FIRST,
  ),
  cannot_reactivate_pending_organization_membership: meaning(
    "The person has an open invitation to the organization, and only they can accept it.",
    "Ask them to accept it, or revoke it at the destination.",
    REDRIVE,
  ),
  not_looked_up: meaning(
    "Of a mail: the destination did not say who has the address. Nothing was mailed.",
    null,
    ...FIRST,
  ),
  user_missing: meaning(
    "Of a mail: the destination does not know the address, as the account was removed or has another one.",
    null,
    ...FIRST,
  ),
  conflict: meaning(
    "Of a mail: the destination refuses it because of another account or reset.",
    null,
    ...FIRST,
  ),
  "smtp_<status>": meaning("Of an own mail: the mail server refuses it with this reply.", null, ...FIRST),
  smtp_size: meaning("Of an own mail: it is larger than the mail server takes.", null, ...FIRST),
  mail_put_off: meaning(
    "Of an own mail: the server or webhook could not be reached or was busy eight times, while others went out. Nothing was mailed.",
    null,
    ...FIRST,
  ),
  mail_unsafe: meaning(
    "Of an own mail: the address or the link has characters that are not safe in a mail, or the link is not https://.",
    null,
    ...FIRST,
  ),
  mail_template: ofEveryMail("the template cannot be used"),
  smtp_login: ofEveryMail("the mail server refuses the login"),
  smtp_tls: ofEveryMail("there is no TLS connection to the mail server that can be trusted"),
  http_tls: ofEveryMail("there is no TLS connection to the webhook that can be trusted"),
  password_reset_not_allowed: resetsOff("allows no password resets"),
  email_password_auth_disabled: resetsOff("has sign-in by e-mail and password turned off"),
};

/** The run parks: the next one would fare alike. */
function ofEveryMail(what: string) {
  return meaning(
    `Of an own mail, whomever it is for: ${what}. It was not sent, and the run parks with mail_refused.`,
    "Mend it; `./spillway explain mail_refused` says how the run goes on.",
  );
}

function resetsOff(what: string) {
  return meaning(
    `The destination's environment ${what}. Nobody was mailed, and the run parks with resets_not_allowed.`,
    "Turn it on there; `./spillway explain resets_not_allowed` says how the run goes on.",
  );
}

function apiAddress(): string {
  return `Check ${VENDORS.map(({ settings }) => settings.address).join(" or ")}.`;
}

/** What the message of a failure with `no_clear_answer` begins with. */
export const UNCLEAR: Codes = {
  timeout: unclear("The destination did not answer within its time limit."),
  no_answer: unclear("The connection to the destination broke."),
  unreadable: unclear("The destination's answer lacks what it documents."),
  "http_<status>": unclear("The destination answered with a 5xx, or not with JSON, as a proxy does."),
  exists_but_not_visible: unclear(
    "The destination says that the address or key is in use, and no look-up shows by whom.",
  ),
  endless_list: unclear("A list of the destination's came back to an earlier page."),
  gone_meanwhile: unclear("Somebody removed the account while it was adopted or changed."),
  not_visible_yet: unclear("The application may have been made, and no list shows it yet."),
  twins_left: unclear("The application stands more than once, and not all others could be removed."),
  role_unfinished: unclear("The role stands without all of its permissions."),
  secret_overtaken: unclear("Another worker replaced the application's secret: that one counts."),
};

function unclear(means: string) {
  return meaning(means, "It is tried again by itself; after eight tries it fails as no_clear_answer.", WORDS);
}

/** Why a destination refuses the access, in brackets behind `access_lost_destination`. */
export const REFUSED_ACCESS: Codes = Object.fromEntries(
  VENDORS.flatMap(({ name, settings }) =>
    Object.entries(settings.refusals).map(([code, rest]) => [
      code,
      meaning(`${name} ${rest}`, null, {
        to: "To prove the settings, wherever they are changed:",
        command: "./spillway check FILE",
      }),
    ]),
  ),
);
