import { decodeJwt } from "jose";
import { z } from "zod";
import { normalizeEmail } from "../plan/normalize.ts";

/** Who signed in, by the ID token that Cognito answered with. */
export interface ProvenPerson {
  sub: string;
  /** Normalised; null without one. */
  email: string | null;
  emailVerified: boolean;
  /** The token's claims by attribute name, exactly as ListUsers gives them, without those whose text it alone knows. */
  attributes: Readonly<Record<string, string>>;
}

export interface ExpectedToken {
  /** Those of the pool. */
  issuers: readonly string[];
  clientId: string;
}

/** What a sign-in by address goes by. */
export type NeededClaim = "email" | "email_verified";

/** `lacks` is the first needed claim that is not there: the person has no such attribute, or the client may not read it. */
export interface ReadToken {
  person: ProvenPerson;
  lacks: NeededClaim | null;
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

/**
 * Reads the token, which came over TLS out of Cognito's own answer: its signature says no more than that (OpenID
 * Connect Core, 3.1.3.7, point 6). Null for one of another pool or app client, of another kind, or expired.
 */
export function readIdToken(idToken: string, expected: ExpectedToken, nowMs = Date.now()): ReadToken | null {
  const claims = claimsOf(idToken);
  if (claims === null) return null;
  if (!expected.issuers.includes(claims.iss) || claims.aud !== expected.clientId) return null;
  if (claims.exp * 1_000 <= nowMs) return null;
  const person = {
    sub: claims.sub,
    email: normalizeEmail(claims.email),
    emailVerified: String(claims.email_verified) === "true",
    attributes: attributesOf(claims),
  };
  return { person, lacks: lackOf(claims) };
}

function claimsOf(idToken: string): z.output<typeof claimsSchema> | null {
  try {
    const parsed = claimsSchema.safeParse(decodeJwt(idToken));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function lackOf({ email, email_verified }: z.output<typeof claimsSchema>): NeededClaim | null {
  if (email === undefined) return "email";
  return email_verified === undefined ? "email_verified" : null;
}

/** OpenID Connect's standard claims, which are Cognito's attributes, and its own for links. */
const STANDARD: ReadonlySet<string> = new Set([
  ...["sub", "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username"],
  ...["profile", "picture", "website", "email", "email_verified", "gender", "birthdate", "zoneinfo"],
  ...["locale", "phone_number", "phone_number_verified", "address", "updated_at", "identities"],
]);

/** Other claims are about the token, or come from a trigger of the pool. */
const isAttribute = (name: string) => STANDARD.has(name) || name.startsWith("custom:");

function attributesOf(claims: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(claims).map(([name, value]) => [name, textOf(name, value)] as const);
  return Object.fromEntries(
    texts.flatMap(([name, text]) => (isAttribute(name) && text !== null ? [[name, text]] : [])),
  );
}

/** Cognito puts the whole text of this attribute into one field (aws-amplify/amplify-js#4935). */
const addressSchema = z.strictObject({ formatted: z.string() }).transform(({ formatted }) => formatted);

/** As ListUsers gives it; null where the claim does not show its text. */
function textOf(name: string, value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || Number.isSafeInteger(value)) return String(value);
  if (name !== "address") return null;
  const parsed = addressSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
