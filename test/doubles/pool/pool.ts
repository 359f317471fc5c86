/** A user pool as the generator makes it and the Cognito double serves it. */
export interface Pool {
  region: string;
  poolId: string;
  name: string;
  users: PoolUser[];
  groups: PoolGroup[];
  identityProviders: PoolProvider[];
  clients: PoolClient[];
  resourceServers: PoolResourceServer[];
  /** Of the schema, as they stand on users: with `custom:` and `dev:` prefixes. */
  attributeNames: string[];
  usernameAttributes: ("email" | "phone_number")[];
  aliasAttributes: ("email" | "phone_number" | "preferred_username")[];
  caseSensitiveUsernames: boolean;
  mfa: "OFF" | "ON" | "OPTIONAL";
  /** Trigger name → function ARN. */
  lambdaConfig: Record<string, string>;
  /** The prefix of the hosted domain; null for a pool without one. */
  domain: string | null;
  /** A domain of the customer's own, whole; null for a pool without one. */
  customDomain: string | null;
  createdAtMs: number;
  /** What DescribeUserPool reports; null for the true number. */
  estimatedUsers: number | null;
}

export interface PoolUser {
  /** Which maker it came from, so that tests can find an oddity by its name. */
  kind: string;
  sub: string;
  username: string;
  /** As Cognito lists them, `sub` among them. */
  attributes: Record<string, string>;
  status: string;
  enabled: boolean;
  createdAtMs: number;
  modifiedAtMs: number;
  /** Absent for someone who cannot sign in with one; no list shows it. */
  password?: string;
  /** What stands between a right password and tokens; nothing where it is absent or null. */
  challenge?: PoolChallenge | null;
}

export type PoolChallenge =
  | "NEW_PASSWORD_REQUIRED"
  | "SMS_MFA"
  | "SOFTWARE_TOKEN_MFA"
  | "EMAIL_OTP"
  | "SELECT_MFA_TYPE"
  | "MFA_SETUP";

export interface PoolGroup {
  name: string;
  description: string;
  /** The lowest wins; null for a group without one. */
  precedence: number | null;
  /** Subs. */
  members: string[];
}

export interface PoolProvider {
  name: string;
  type: "Google" | "Facebook" | "SignInWithApple" | "LoginWithAmazon" | "OIDC" | "SAML";
  /** As DescribeIdentityProvider gives them, `client_secret` in clear. */
  details: Record<string, string>;
  /** Attribute of the pool → claim of the provider. */
  attributeMapping: Record<string, string>;
  identifiers: string[];
}

export interface PoolClient {
  id: string;
  name: string;
  /** Null for a public client. */
  secret: string | null;
  /** `AllowedOAuthFlowsUserPoolClient`: without it, flows and scopes mean nothing. */
  usesOAuth: boolean;
  flows: ("code" | "implicit" | "client_credentials")[];
  scopes: string[];
  callbackUrls: string[];
  logoutUrls: string[];
  defaultRedirectUri: string | null;
  /** Names of identity providers, `COGNITO` for the pool itself. */
  providers: string[];
  signInFlows: string[];
  /** Whether an unknown user is told from a wrong password: `LEGACY` tells. `ENABLED` where it is absent. */
  preventUserExistenceErrors?: "ENABLED" | "LEGACY";
  /** Null for Cognito's default. */
  writeAttributes: string[] | null;
  /** What its ID tokens tell; Cognito's default where it is absent or null. */
  readAttributes?: string[] | null;
  /** `EnablePropagateAdditionalUserContextData`: whether the public operations take an IP address. */
  takesAddress?: boolean;
}

export interface PoolResourceServer {
  identifier: string;
  name: string;
  scopes: { name: string; description: string }[];
}

export const STANDARD_ATTRIBUTES = [
  "sub",
  "name",
  "given_name",
  "family_name",
  "middle_name",
  "nickname",
  "preferred_username",
  "profile",
  "picture",
  "website",
  "email",
  "email_verified",
  "gender",
  "birthdate",
  "zoneinfo",
  "locale",
  "phone_number",
  "phone_number_verified",
  "address",
  "updated_at",
  "identities",
] as const;

const DEFAULT_REGION = "eu-west-1";

/** A pool with defaults for all that is not given. */
export function poolOf(parts: Partial<Pool> & { users: PoolUser[] }): Pool {
  const region = parts.region ?? DEFAULT_REGION;
  return {
    poolId: `${region}_Sp1llway0`,
    name: "customers",
    groups: [],
    identityProviders: [],
    clients: [],
    resourceServers: [],
    attributeNames: [...STANDARD_ATTRIBUTES],
    usernameAttributes: ["email"],
    aliasAttributes: [],
    // The API's default, and that of all pools made before February 2020.
    caseSensitiveUsernames: true,
    mfa: "OFF",
    lambdaConfig: {},
    domain: null,
    customDomain: null,
    createdAtMs: Date.UTC(2017, 5, 1),
    estimatedUsers: null,
    ...parts,
    region,
  };
}
