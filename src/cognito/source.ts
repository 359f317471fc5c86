import type {
  AppClient,
  ConfigurationPage,
  IdentityProvider,
  PoolGroup,
  ResourceServer,
} from "./configuration.ts";

/** The source: what the rest of the project may ask of a Cognito user pool. It is only ever read. */

/** A user row as Cognito lists it, parsed. `attributes` holds every attribute as its string value. */
export interface SourceUser {
  sub: string;
  username: string;
  attributes: Readonly<Record<string, string>>;
  /** As Cognito spells it; may be a status that AWS added later. */
  status: string;
  enabled: boolean;
  createdAtMs: number;
  modifiedAtMs: number;
  /** From the `identities` attribute; empty for a native user without links. */
  identities: Identity[];
  /** True when `identities` could not be parsed: a row-level finding, never a crash. */
  identitiesBroken: boolean;
}

/** One federated identity; the key of a link is (provider, userId). */
export interface Identity {
  provider: string;
  userId: string;
}

export interface SourcePage {
  users: SourceUser[];
  /** Rows without a `sub` attribute: cannot be keyed, so they are counted and reported. */
  withoutSub: number;
  /** Only an absent token ends a list. */
  nextToken: string | null;
}

export interface PoolShape {
  poolId: string;
  /** From the pool's Arn: Cognito's quotas are counted by account and region. Null where the Arn is not one. */
  accountId: string | null;
  name: string;
  /** An estimate that Cognito itself does not keep exact. */
  estimatedUsers: number;
  usernameAttributes: string[];
  aliasAttributes: string[];
  caseSensitiveUsernames: boolean;
  mfa: "OFF" | "ON" | "OPTIONAL";
  /** Names as they stand on users, `custom:` prefix included. */
  attributeNames: string[];
  /** The Lambda triggers that are set, by their LambdaConfig key. */
  triggers: string[];
  /** The prefix of the hosted domain: `https://<domain>.auth.<region>.amazoncognito.com`. Null without one. */
  domain: string | null;
  /** A domain of the customer's own, whole. Null without one. */
  customDomain: string | null;
}

export type SourceProblem =
  | { problem: "slow_down" }
  /** No or wrong credentials, or a missing permission; `code` is AWS's error name. */
  | { problem: "access_lost"; code: string }
  /** The pool, or the group, provider or app client asked for, does not exist (in this region). */
  | { problem: "not_found"; code: string }
  /** A page token that Cognito does not take any more; only ever answered for a call that carried one. */
  | { problem: "dead_token" }
  /** A timeout, a reset connection, a 5xx: worth another try. */
  | { problem: "unavailable"; code: string }
  /** Anything else Cognito refuses; `code` is AWS's error name. */
  | { problem: "refused"; code: string };

export type SourceAnswer<T> = { ok: true; value: T } | ({ ok: false } & SourceProblem);

export interface UserSource {
  describePool(): Promise<SourceAnswer<PoolShape>>;
  /** One call, without retries of its own: pace and back-off belong to the caller. `limit` is at most 60. */
  listUsers(token: string | null, limit: number): Promise<SourceAnswer<SourcePage>>;
  listUsersInGroup(group: string, token: string | null, limit: number): Promise<SourceAnswer<SourcePage>>;
  /** Pages are as long as Cognito makes them. Providers are listed by name alone, app clients by id alone. */
  listGroups(token: string | null): Promise<SourceAnswer<ConfigurationPage<PoolGroup>>>;
  listIdentityProviders(token: string | null): Promise<SourceAnswer<ConfigurationPage<string>>>;
  describeIdentityProvider(name: string): Promise<SourceAnswer<IdentityProvider>>;
  listAppClients(token: string | null): Promise<SourceAnswer<ConfigurationPage<string>>>;
  describeAppClient(id: string): Promise<SourceAnswer<AppClient>>;
  listResourceServers(token: string | null): Promise<SourceAnswer<ConfigurationPage<ResourceServer>>>;
  close(): void;
}
