import type { AddressSet } from "../hand-over.ts";

const API = "https://api.workos.com";
/** Differs from environment to environment, and no API tells it. */
const AUTHKIT = "https://<your AuthKit domain>";

const NOT_LISTED = "its discovery document lists none";

/** Where applications that knew Cognito's addresses go at WorkOS. `clientId` is the environment's. */
export function workosAddressSets(clientId: string): AddressSet[] {
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
