/** A user pool as the generator makes it and the Cognito double serves it. */
export interface Pool {
  region: string;
  poolId: string;
  name: string;
  users: PoolUser[];
  groups: PoolGroup[];
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
}

export interface PoolGroup {
  name: string;
  description: string;
  /** Subs. */
  members: string[];
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
    attributeNames: [...STANDARD_ATTRIBUTES],
    usernameAttributes: ["email"],
    aliasAttributes: [],
    // The API's default, and that of all pools made before February 2020.
    caseSensitiveUsernames: true,
    mfa: "OFF",
    lambdaConfig: {},
    domain: null,
    createdAtMs: Date.UTC(2017, 5, 1),
    estimatedUsers: null,
    ...parts,
    region,
  };
}
