import type { Secret } from "./secret.ts";

/** A pool's set-up beside its users: what has to stand at the destination before anybody moves. */

export interface PoolGroup {
  name: string;
  description: string;
  /** The lowest wins; null without one. */
  precedence: number | null;
}

/** Cognito's own words for them, and those that AWS may add. */
export type ProviderType = "Google" | "Facebook" | "SignInWithApple" | "LoginWithAmazon" | "OIDC" | "SAML";

export interface IdentityProvider {
  name: string;
  type: ProviderType | (string & {});
  /** Null for SAML. */
  clientId: string | null;
  /** Null where Cognito does not give it: Apple and SAML. Held for the one call that needs it. */
  clientSecret: Secret | null;
  /** OIDC only. */
  issuer: string | null;
  /** As Cognito asks for them at the provider, for example `openid email`. */
  scopes: string;
  saml: SamlProvider | null;
  /** Attribute of the pool → claim of the provider. */
  attributeMapping: Readonly<Record<string, string>>;
  /** Often the e-mail domains of a customer. */
  identifiers: readonly string[];
}

export interface SamlProvider {
  metadataUrl: string | null;
  /** The metadata document itself, where it was uploaded. */
  metadataFile: string | null;
  /** Where the provider's sign-in page is. */
  ssoUrl: string | null;
  /** The provider's own, and what it signs with, in base64: out of an uploaded document. */
  entityId: string | null;
  signingCertificates: readonly string[];
}

export interface AppClient {
  id: string;
  name: string;
  /** Null for a public client. */
  secret: Secret | null;
  callbackUrls: readonly string[];
  logoutUrls: readonly string[];
  defaultRedirectUri: string | null;
  /** `code`, `implicit`, `client_credentials`; empty where the client does not use OAuth. */
  flows: readonly string[];
  scopes: readonly string[];
  /** Names of identity providers, `COGNITO` for the pool itself. */
  providers: readonly string[];
  /** Such as `ALLOW_USER_SRP_AUTH`. */
  signInFlows: readonly string[];
  /** Attributes that its users may set themselves; null where Cognito's default stands: every standard one. */
  writeAttributes: readonly string[] | null;
}

export interface ResourceServer {
  identifier: string;
  name: string;
  /** Without the identifier in front. */
  scopes: readonly string[];
}

/** One page of a list; only an absent token ends it. */
export interface ConfigurationPage<T> {
  items: T[];
  nextToken: string | null;
}

/** What may be kept of a provider: all but its secret. */
export type KnownProvider = Omit<IdentityProvider, "clientSecret">;

/** What may be kept of an app client: all but its secret. */
export type KnownClient = Omit<AppClient, "secret"> & { isConfidential: boolean };

/** Everything of a pool's set-up that may be kept. */
export interface PoolConfiguration {
  groups: PoolGroup[];
  providers: KnownProvider[];
  clients: KnownClient[];
  resourceServers: ResourceServer[];
}

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

export interface PoolShape {
  poolId: string;
  /** From the pool's Arn: Cognito's quotas are counted by account and region. Null where the Arn is not one. */
  accountId: string | null;
  name: string;
  /** The `iss` of its tokens; its discovery document and keys are below it. */
  issuer: string;
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
