import type { HandOver } from "../hand-over.ts";
import { workosAddressSets } from "./url-map.ts";

/** WorkOS docs, "Actions". */
const REGISTRATION_ACTION =
  'An AuthKit action of the kind "User registration": it allows or denies before the person is made.';
const AUTHENTICATION_ACTION =
  'An AuthKit action of the kind "Authentication": it allows or denies after the credentials were checked.';
/** WorkOS docs, "JWT Templates". */
const JWT_TEMPLATE =
  "A JWT template (dashboard → Authentication): claims come from the user, the metadata and the organization. It runs no code.";
/** WorkOS docs, "Custom emails"; the events' names are those of OpenAPI 0.61. */
const OWN_EMAILS =
  "Turn the default e-mail off (dashboard → Authentication → Emails) and send your own upon the events `email_verification.created`, `magic_auth.created` and `password_reset.created`.";
/** WorkOS docs, "Magic Auth" and "Multi-Factor Authentication". */
const NO_CHALLENGES =
  "No counterpart: challenges of your own do not exist. Magic Auth (a code by e-mail) or MFA takes their place.";

/** WorkOS's side of the hand-over. */
export const WORKOS_HAND_OVER: HandOver = {
  name: "WorkOS",
  addressSets: workosAddressSets,
  triggers: {
    PreSignUp: REGISTRATION_ACTION,
    PostConfirmation: "The event `user.created`, by webhook or from the events API.",
    PreAuthentication: AUTHENTICATION_ACTION,
    PostAuthentication:
      "The events `authentication.*_succeeded`, by webhook or from the events API; an AuthKit action where the sign-in has to wait for the answer.",
    PreTokenGeneration: JWT_TEMPLATE,
    PreTokenGenerationConfig: JWT_TEMPLATE,
    CustomMessage: OWN_EMAILS,
    CustomEmailSender: OWN_EMAILS,
    CustomSMSSender: "No counterpart: AuthKit's codes go by e-mail or come from an authenticator app.",
    DefineAuthChallenge: NO_CHALLENGES,
    CreateAuthChallenge: NO_CHALLENGES,
    VerifyAuthChallengeResponse: NO_CHALLENGES,
    UserMigration:
      "No counterpart: whoever still stands only in the directory behind the trigger has to be brought over from there.",
  },
  // WorkOS docs, "AuthKit Domain", "Email Domain", "Custom emails".
  settings: [
    "Give AuthKit a domain of your own, where the pool had one (dashboard → Domains).",
    "Add the domain that e-mails are sent from (dashboard → Domains).",
    "Look at which e-mails WorkOS sends, and their texts (dashboard → Authentication → Emails).",
    "Look at the password policy in the dashboard: the pool's does not come along.",
  ],
  // WorkOS docs, "Multi-Factor Authentication".
  mfa: "Turn MFA on (dashboard → Authentication): from then on everyone who does not come by SSO sets it up at their next sign-in.",
};
