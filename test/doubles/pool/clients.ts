import type { PoolClient, PoolProvider, PoolResourceServer } from "./pool.ts";
import type { Secrets } from "./secrets.ts";

const ORDERS = "https://api.example.com/orders";

export function makeResourceServers(): PoolResourceServer[] {
  const scopes = [
    { name: "read", description: "Read orders" },
    { name: "write", description: "Place and change orders" },
  ];
  return [{ identifier: ORDERS, name: "Orders API", scopes }];
}

/** One app client of each kind that pools hold. */
export function makeClients(secrets: Secrets, identityProviders: readonly PoolProvider[]): PoolClient[] {
  const providers = ["COGNITO", ...identityProviders.map(({ name }) => name)];
  return [webApp(secrets, providers), backOffice(secrets), nightlyExport(secrets), mobileApp(secrets)];
}

/** Public: the browser proves itself by PKCE, which Cognito has no setting for. */
function webApp(secrets: Secrets, providers: string[]): PoolClient {
  return {
    id: secrets.clientId(),
    name: "web-app",
    secret: null,
    usesOAuth: true,
    flows: ["code"],
    scopes: ["openid", "email", "profile"],
    callbackUrls: ["https://app.example.com/callback", "http://localhost:3000/callback"],
    logoutUrls: ["https://app.example.com/goodbye"],
    defaultRedirectUri: "https://app.example.com/callback",
    providers,
    signInFlows: ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
    writeAttributes: null,
  };
}

function backOffice(secrets: Secrets): PoolClient {
  return {
    id: secrets.clientId(),
    name: "back-office",
    secret: secrets.clientSecret(),
    usesOAuth: true,
    flows: ["code"],
    scopes: ["openid", "email", `${ORDERS}/read`, `${ORDERS}/write`],
    callbackUrls: ["https://office.example.com/auth/callback"],
    logoutUrls: ["https://office.example.com/"],
    defaultRedirectUri: null,
    providers: ["COGNITO", "CorpOIDC"],
    signInFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
    writeAttributes: ["email", "given_name", "family_name", "name"],
  };
}

function nightlyExport(secrets: Secrets): PoolClient {
  return {
    id: secrets.clientId(),
    name: "nightly-export",
    secret: secrets.clientSecret(),
    usesOAuth: true,
    flows: ["client_credentials"],
    scopes: [`${ORDERS}/read`],
    callbackUrls: [],
    logoutUrls: [],
    defaultRedirectUri: null,
    providers: [],
    signInFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
    writeAttributes: null,
  };
}

/** Signs in by the SDK alone. */
function mobileApp(secrets: Secrets): PoolClient {
  return {
    id: secrets.clientId(),
    name: "mobile-app",
    secret: null,
    usesOAuth: false,
    flows: [],
    scopes: [],
    callbackUrls: [],
    logoutUrls: [],
    defaultRedirectUri: null,
    providers: ["COGNITO"],
    signInFlows: ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
    writeAttributes: ["email", "given_name", "family_name", "locale", "custom:plan"],
  };
}
