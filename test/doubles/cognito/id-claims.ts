import type { PoolClient, PoolUser } from "../pool/pool.ts";
import { STANDARD_ATTRIBUTES } from "../pool/pool.ts";

/**
 * A user's attributes in an ID token: those that the client may read, in OpenID's types. `address` is what
 * aws-amplify/amplify-js#4935 shows, the numbers and truth values those of floci-io/floci#985.
 */
export function claimsOf({ attributes }: PoolUser, { readAttributes }: PoolClient): Record<string, unknown> {
  // "email_verified, phone_number_verified, and the standard attributes" (API reference, `UserPoolClientType`).
  const readable: readonly string[] = readAttributes ?? STANDARD_ATTRIBUTES;
  const claims = Object.entries(attributes)
    .filter(([name]) => readable.includes(name))
    .map(([name, value]): [string, unknown] => [name, claimOf(name, value)]);
  // An address that was never verified is told as such, though the user lacks the attribute.
  const isVerified = attributes.email_verified === "true";
  const verified = "email" in attributes && readable.includes("email_verified");
  return { ...Object.fromEntries(claims), ...(verified && { email_verified: isVerified }) };
}

function claimOf(name: string, value: string): unknown {
  switch (name) {
    case "email_verified":
    case "phone_number_verified":
      return value === "true";
    case "updated_at":
      return Number.isFinite(Number(value)) ? Number(value) : value;
    case "address":
      return { formatted: value };
    case "identities":
      return parsed(value);
    default:
      return value;
  }
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
