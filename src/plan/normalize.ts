/** How raw Cognito values are read. */

/** Trimmed and lower-cased; null for an absent or empty address. */
export function normalizeEmail(email: string | undefined): string | null {
  const normalized = (email ?? "").trim().toLowerCase();
  return normalized === "" ? null : normalized;
}

/** Cognito's truth values are strings; anything but "true" is not verified. */
export function isVerified(value: string | undefined): boolean {
  return value === "true";
}

/** A user who has no password at Cognito, only sign-ins at an identity provider. */
export function isFederatedOnly(status: string): boolean {
  return status === "EXTERNAL_PROVIDER";
}

/** Accounts with the same key are decided together. */
export function clusterKeyOf(email: string | null, sub: string): string {
  return email ?? `sub:${sub}`;
}
