import type { KnownProvider } from "./pool.ts";

/** What becomes of an identity provider at the destination. */
export type Counterpart =
  /** Set up by a person in the destination's dashboard: there is no API for it. */
  | { kind: "dashboard"; provider: string; page: string; redirectUri: string; consoleHint: string }
  /** Made by API, in one organization. */
  | { kind: "connection" }
  /** The destination does not know this kind of provider; `instead` says what its people do. */
  | { kind: "none"; instead: string };

/** What people do whose provider does not come along, where the destination says nothing else of them. */
export const WITHOUT_PROVIDER =
  "They sign in by e-mail: with a code, or with a password once they have reset it.";

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

/** What a destination takes beside people. What it does not take is told, and no run plans it. */
export interface Takes {
  /** With their members. */
  readonly organizations: boolean;
  readonly roles: boolean;
  /** What app clients become, with the addresses that sign-ins may return to. */
  readonly applications: boolean;
  /** Asks for reset mails, or for the links of own ones. */
  readonly resets: boolean;
}

/** The part of a destination that knows what becomes of providers and app clients, without an API key. */
export interface KnowsCounterparts {
  readonly facts: { readonly takes: Takes };
  counterpartOf(provider: KnownProvider): Counterpart;
}
