import type { ProviderFault } from "../domain/counterparts.ts";
import type { Secret } from "../domain/secret.ts";
import type { Answer, Holdings, MadeThing } from "./destination.ts";
import type { Sender } from "./sending.ts";

/** Finds out what people of a provider meet at the destination. */
export type ProviderTarget =
  | { kind: "dashboard"; provider: string; clientId: string }
  | { kind: "oidc"; connectionId: string; clientId: string; issuer: string }
  | {
      kind: "saml";
      connectionId: string;
      /** Where the provider's sign-in page is, and where its metadata is; one of the two may be unknown. */
      ssoUrl: string | null;
      metadataUrl: string | null;
      spEntityId: string | null;
    };

/** What a provider's sign-in leads to, believed only when it was seen. */
export type ProviderVerdict =
  | { kind: "verified" }
  | { kind: "wrong"; code: ProviderFault; found: string | null };

export interface ConnectionRecord {
  /** Our key: a repeated create in one organization gives the same connection. */
  externalId: string;
  name: string;
  organizationId: string;
  protocol: OidcProtocol | SamlProtocol;
}

export interface OidcProtocol {
  kind: "oidc";
  issuer: string;
  clientId: string;
  clientSecret: Secret;
}

export interface SamlProtocol {
  kind: "saml";
  metadataUrl: string | null;
  /** Used where there is no metadata URL. */
  manual: { entityId: string; ssoUrl: string; signingCertificates: readonly string[] } | null;
  /** What the provider knows the service as; null for the destination's own. */
  spEntityId: string | null;
  /** Claims of the provider by the destination's standard fields. */
  claims: Readonly<Partial<Record<"email" | "firstName" | "lastName", string>>>;
}

export type ApplicationRecord = {
  /** `cognito:<client id>`, kept in the application's description: how it is found again. */
  key: string;
  name: string;
  scopes: readonly string[];
} & (
  | { kind: "oauth"; redirectUris: readonly string[]; defaultRedirectUri: string | null; usesPkce: boolean }
  | { kind: "m2m"; organizationId: string }
);

/** An application found or made; `clientId` is what its owner configures. */
export interface Application {
  id: string;
  clientId: string;
}

/** An application as the destination holds it, as far as Spillway compares it. */
export interface FoundApplication extends Application {
  /** Our key; null for one that carries none. */
  key: string | null;
  name: string;
  scopes: readonly string[];
  /** Null for one that signs nobody in. */
  signIn: {
    redirectUris: readonly string[];
    defaultRedirectUri: string | null;
    usesPkce: boolean;
    isFirstParty: boolean;
  } | null;
  /** Whose it is; null for one of the environment. */
  organizationId: string | null;
}

export interface ApplicationSecret {
  id: string;
  createdAtMs: number;
  /** Whoever used it holds it. */
  wasUsed: boolean;
}

export interface RedirectUriRecord {
  uri: string;
}

export interface FoundRedirectUri extends RedirectUriRecord {
  id: string;
}

/** In the environment, found again by the address itself. */
export interface RedirectUris extends Sender<RedirectUriRecord> {
  readonly holdings?: Holdings<FoundRedirectUri>;
  /** Absent where a destination cannot. */
  readonly removals?: Sender<MadeThing & RedirectUriRecord>;
}

/** A connection that is to stand no more. */
export interface MadeConnection extends MadeThing {
  name: string;
  /** Null where its organization stands no more, with which it went. */
  organizationId: string | null;
}

/** A connection as the destination holds it, as far as Spillway compares it. Of its set-up no destination tells. */
export interface FoundConnection {
  id: string;
  name: string;
  organizationId: string | null;
  /** False for one that somebody has turned off. */
  isOn: boolean;
}

/**
 * Connections of organizations. `skipped` with `no_api` where the environment does not offer the API: a person sets
 * the connection up by `portalLink`.
 */
export interface Connections extends Sender<ConnectionRecord> {
  /** Absent where a destination cannot. */
  readonly removals?: Sender<MadeConnection>;
  readonly holdings?: Holdings<FoundConnection>;
  /** Connections of an organization that a person may have made, by id. */
  list(organizationId: string): Promise<Answer<string[]>>;
  /** A link for whoever sets the organization's connection up; short-lived and good for anyone who holds it. */
  portalLink(organizationId: string): Promise<Answer<string>>;
  /** Follows the first redirect of a sign-in, as a browser would. */
  check(target: ProviderTarget): Promise<Answer<ProviderVerdict>>;
}

/**
 * OAuth applications, found again by their key. Where a create has no key of the destination's own, one whose answer was
 * lost counts as absent only when look-ups must show it, and of twins the younger is removed.
 */
export interface Applications extends Sender<ApplicationRecord> {
  /** Deletes applications with their secrets; absent where a destination cannot. */
  readonly removals?: Sender<MadeThing & Pick<ApplicationRecord, "key">>;
  readonly holdings?: Holdings<FoundApplication>;
  find(id: string): Promise<Answer<Application | null>>;
  listSecrets(applicationId: string): Promise<Answer<ApplicationSecret[]>>;
  /** Shown this once. */
  newSecret(applicationId: string): Promise<Answer<{ id: string; secret: Secret }>>;
  removeSecret(secretId: string): Promise<Answer<null>>;
}
