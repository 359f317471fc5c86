import type { KnownProvider } from "../cognito/configuration.ts";
import type { Secret } from "../secrets/secret.ts";
import type { Answer } from "./destination.ts";
import type { Attempt, SendOutcome } from "./sending.ts";

/** What becomes of an identity provider at the destination. */
export type Counterpart =
  /** Set up by a person in the destination's dashboard: there is no API for it. */
  | { kind: "dashboard"; provider: string; page: string; redirectUri: string; consoleHint: string }
  /** Made by API, in one organization. */
  | { kind: "connection" }
  /** The destination does not know this kind of provider; `instead` says what its people do. */
  | { kind: "none"; instead: string };

/** Finds out what people of a provider meet at the destination. */
export type ProviderTarget =
  | { kind: "dashboard"; provider: string; clientId: string }
  | { kind: "oidc"; connectionId: string; clientId: string; issuer: string }
  | { kind: "saml"; connectionId: string; ssoUrl: string; spEntityId: string | null };

/** What a provider's sign-in leads to, believed only when it was seen. */
export type ProviderVerdict =
  | { kind: "verified" }
  | { kind: "wrong"; code: ProviderFault; found: string | null };

export const PROVIDER_FAULTS = {
  not_configured: "The destination does not lead to the provider: it is not set up or not turned on there.",
  wrong_client_id: "The destination leads to the provider with another client id.",
  invalid_client: "The provider or the destination says invalid_client: client id or secret are wrong.",
  redirect_uri_missing: "A redirect URI is not registered where the sign-in needs it.",
  wrong_host: "The destination leads to another sign-in page than the provider's.",
  wrong_entity_id: "The destination calls itself by another entity id than the provider knows.",
  connection_missing: "The organization has no connection for this provider yet.",
} as const;
export type ProviderFault = keyof typeof PROVIDER_FAULTS;

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

export interface ApplicationSecret {
  id: string;
  createdAtMs: number;
}

/** The part of a destination that moves OAuth credentials. Single calls take their slots from the caller. */
export interface CredentialsSender {
  counterpartOf(provider: KnownProvider): Counterpart;
  /** `no_api` where the environment does not offer it: a person sets the connection up by `portalLink`. */
  connection(record: ConnectionRecord, attempt: Attempt): Promise<SendOutcome | { kind: "no_api" }>;
  /** Connections of an organization that a person may have made, by id. */
  listConnections(organizationId: string): Promise<Answer<string[]>>;
  /** A link for whoever sets the organization's connection up; short-lived and good for anyone who holds it. */
  portalLink(organizationId: string): Promise<Answer<string>>;
  /** Follows the first redirect of a sign-in, as a browser would. */
  checkProvider(target: ProviderTarget): Promise<Answer<ProviderVerdict>>;
  /** Adds a redirect URI to those that sign-ins may return to. */
  redirectUri(uri: string, attempt: Attempt): Promise<SendOutcome>;
  /**
   * Makes an application, or finds the one with the same key. A create has no key of the destination's own: one whose
   * answer was lost counts as absent a minute after the first claim, and of twins the younger is removed.
   */
  application(record: ApplicationRecord, attempt: Attempt): Promise<SendOutcome>;
  getApplication(id: string): Promise<Answer<Application | null>>;
  listSecrets(applicationId: string): Promise<Answer<ApplicationSecret[]>>;
  /** Shown this once. */
  newSecret(applicationId: string): Promise<Answer<{ id: string; secret: Secret }>>;
  removeSecret(secretId: string): Promise<Answer<null>>;
}
