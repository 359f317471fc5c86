import { hasField } from "./fingerprint.ts";

/** What is known of an account that stands at the destination, or stood there. */
interface Standing {
  /** In the source. */
  emailVerified: boolean;
  /** Of the record that was written; null where nothing was. */
  fingerprint: string | null;
}

/**
 * Whether it is the account of this address, so that nobody else is given one. In Cognito people can name any address as
 * theirs: one that nobody verified counts only where the account was made under it. Pure.
 */
export function standsFor({ emailVerified, fingerprint }: Standing, email: string): boolean {
  return emailVerified || isMadeUnder(fingerprint, email);
}

/** Whether the account was written with this address. Pure. */
export function isMadeUnder(fingerprint: string | null, email: string | null): boolean {
  return fingerprint !== null && hasField(fingerprint, "email", email);
}
