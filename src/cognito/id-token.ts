import { decodeJwt } from "jose";
import { z } from "zod";
import { normalizeEmail } from "../plan/normalize.ts";

/** Who signed in, by the ID token that Cognito answered with. */
export interface ProvenPerson {
  sub: string;
  /** Normalised; null without one. */
  email: string | null;
  emailVerified: boolean;
  /** The token's claims by attribute name, as ListUsers would give them. */
  attributes: Readonly<Record<string, string>>;
}

export interface ExpectedToken {
  region: string;
  userPoolId: string;
  clientId: string;
}

/** "Understanding the identity (ID) token" (Amazon Cognito developer guide). */
const claimsSchema = z.looseObject({
  iss: z.string(),
  aud: z.string(),
  sub: z.string().min(1),
  token_use: z.literal("id"),
  exp: z.number(),
  email: z.string().optional(),
  email_verified: z.union([z.boolean(), z.enum(["true", "false"])]).optional(),
});

/** Claims that are about the token and no attributes of a user. */
const OF_THE_TOKEN =
  /^(iss|aud|exp|iat|nbf|jti|auth_time|token_use|origin_jti|event_id|at_hash|nonce|cognito:.*)$/;

/**
 * Reads the token, which came over TLS out of Cognito's own answer: its signature says no more than that (OpenID
 * Connect Core, 3.1.3.7, point 6). Null for one of another pool or app client, of another kind, or expired.
 */
export function personOf(idToken: string, expected: ExpectedToken, nowMs = Date.now()): ProvenPerson | null {
  const claims = claimsOf(idToken);
  if (claims === null) return null;
  const issuer = `https://cognito-idp.${expected.region}.amazonaws.com/${expected.userPoolId}`;
  if (claims.iss !== issuer || claims.aud !== expected.clientId) return null;
  if (claims.exp * 1_000 <= nowMs) return null;
  return {
    sub: claims.sub,
    email: normalizeEmail(claims.email),
    emailVerified: String(claims.email_verified) === "true",
    attributes: attributesOf(claims),
  };
}

function claimsOf(idToken: string): z.output<typeof claimsSchema> | null {
  try {
    const parsed = claimsSchema.safeParse(decodeJwt(idToken));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function attributesOf(claims: Record<string, unknown>): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(claims)) {
    if (OF_THE_TOKEN.test(name)) continue;
    if (typeof value === "string" || typeof value === "boolean") attributes[name] = String(value);
  }
  return attributes;
}
