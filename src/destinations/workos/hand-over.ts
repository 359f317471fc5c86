import type { AddressSet, HandOver } from "../hand-over.ts";

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
export const handOver: HandOver = {
  addressSets,
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

const API = "https://api.workos.com";
/** Differs from environment to environment, and no API tells it. */
const AUTHKIT = "https://<your AuthKit domain>";

const NOT_LISTED = "its discovery document lists none";

/** Where applications that knew Cognito's addresses go at WorkOS. `clientId` is the environment's. */
function addressSets(clientId: string): AddressSet[] {
  return [sessions(clientId), connect()];
}

/**
 * OpenAPI 0.61, by path; keys: WorkOS docs, "Session tokens"; issuer: README of WorkOS's Node SDK, "Access token issuer
 * validation". (The example of "Session tokens" has the API's bare address as issuer.)
 */
function sessions(clientId: string): AddressSet {
  const authorize = `${API}/user_management/authorize`;
  return {
    title: "AuthKit",
    use: `For applications that sign people in with WorkOS's own SDK, as client \`${clientId}\`.`,
    successors: {
      authorize: { address: authorize },
      login: { address: authorize, note: "with `provider=authkit`" },
      token: { address: `${API}/user_management/authenticate` },
      userInfo: { address: `${API}/user_management/authenticate`, note: "its answer holds the user" },
      logout: {
        address: `${API}/user_management/sessions/logout`,
        note: "with `session_id`, the `sid` of the access token",
      },
      revoke: { address: `${API}/user_management/sessions/revoke` },
      issuer: {
        address: `${API}/user_management/${clientId}`,
        note: "compare it with `iss` of an access token of yours",
      },
      openidConfiguration: { address: null, note: "set the issuer and the address of the keys by hand" },
      jwks: { address: `${API}/sso/jwks/${clientId}` },
    },
  };
}

/** WorkOS docs, "WorkOS Connect": authorize, token, userinfo and metadata. */
function connect(): AddressSet {
  return {
    title: "Connect",
    use: "For applications that speak OAuth, with the new client ids. Your AuthKit domain stands in the dashboard (Domains).",
    successors: {
      authorize: { address: `${AUTHKIT}/oauth2/authorize` },
      login: { address: `${AUTHKIT}/oauth2/authorize` },
      token: { address: `${AUTHKIT}/oauth2/token` },
      userInfo: { address: `${AUTHKIT}/oauth2/userinfo` },
      logout: { address: null, note: NOT_LISTED },
      revoke: { address: null, note: NOT_LISTED },
      issuer: { address: AUTHKIT },
      openidConfiguration: { address: `${AUTHKIT}/.well-known/openid-configuration` },
      jwks: { address: `${AUTHKIT}/oauth2/jwks` },
    },
  };
}
