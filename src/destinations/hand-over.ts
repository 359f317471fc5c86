/** What people change by hand when applications leave Cognito for a destination. */

/** Addresses of a pool that applications know. */
export const COGNITO_ADDRESSES = [
  "authorize",
  "login",
  "token",
  "userInfo",
  "logout",
  "revoke",
  "issuer",
  "openidConfiguration",
  "jwks",
] as const;
export type CognitoAddress = (typeof COGNITO_ADDRESSES)[number];

/** What takes the place of an address; `note` says what the address alone does not. */
export interface Successor {
  /** Null without one. */
  address: string | null;
  note?: string;
}

/** One way of signing people in at the destination, with its own set of addresses. */
export interface AddressSet {
  title: string;
  /** For whom it is, in a sentence. */
  use: string;
  successors: Readonly<Record<CognitoAddress, Successor>>;
}

export interface HandOver {
  addressSets(environment: string): AddressSet[];
  /** By the key of Cognito's LambdaConfig: what replaces the trigger, in a sentence. */
  triggers: Readonly<Record<string, string>>;
  /** Settings that no API makes, a sentence each. */
  settings: readonly string[];
  /** Where MFA is turned on, in a sentence. */
  mfa: string;
}
