import type { ClientFault } from "../cognito/app-client.ts";

/** What keeps Cognito from checking passwords, by code, and what an operator does about it. */

export const CLIENT_FAULT_SENTENCES: Readonly<Record<ClientFault, string>> = {
  endpoint_in_clear:
    "AWS's settings name an endpoint of Cognito with http://, and passwords would go there in clear; set endpoint_url of its config file to an https:// address.",
  pool_not_found: "Cognito has no such user pool; set SPILLWAY_BRIDGE_USER_POOL to one of this AWS account.",
  client_not_found:
    "The user pool has no such app client; set SPILLWAY_BRIDGE_CLIENT_ID to one of SPILLWAY_BRIDGE_USER_POOL.",
  client_secret_wrong:
    "The secret is not the app client's; set SPILLWAY_BRIDGE_CLIENT_SECRET to its own, or leave it out if the client has none.",
  client_secret_missing: "The app client has a secret; set SPILLWAY_BRIDGE_CLIENT_SECRET to it.",
  flow_not_enabled:
    "The app client does not have the bridge's flow; enable ALLOW_ADMIN_USER_PASSWORD_AUTH, or ALLOW_USER_PASSWORD_AUTH with SPILLWAY_BRIDGE_FLOW=public.",
  token_without_email:
    "Cognito's ID tokens lack email; let the app client read it (ReadAttributes), and let no pre token generation trigger take it out.",
  token_without_email_verified:
    "Cognito's ID tokens lack email_verified; let the app client read it (ReadAttributes), and let no pre token generation trigger take it out.",
};

/** These, and what may be about one person or pass by itself. */
export const TROUBLE_SENTENCES: Readonly<Record<string, string>> = {
  ...CLIENT_FAULT_SENTENCES,
  ForeignToken:
    "Cognito's ID token is not of SPILLWAY_BRIDGE_USER_POOL and SPILLWAY_BRIDGE_CLIENT_ID, or is expired; check both, and this machine's clock.",
  issuer_not_known:
    "The user pool's discovery document cannot be read, and without it no token can be believed; let the bridge reach Cognito by GET.",
  pre_authentication_failed: "The pool's pre authentication trigger broke; see its log.",
  post_authentication_failed: "The pool's post authentication trigger broke or refused; see its log.",
  pre_token_generation_failed: "The pool's pre token generation trigger broke or refused; see its log.",
};

export const NO_ACCESS =
  "AWS does not take the bridge's credentials, or its policy lacks cognito-idp:AdminInitiateAuth.";
export const NO_ANSWER =
  "Cognito does not tell whether the app client can check passwords; it is asked again.";
