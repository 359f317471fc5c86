import { type Claims, type RefusedToken, refused, type TokenUse } from "./answers.ts";

/** What a token says of itself. Nobody has proven any of it yet. */
export interface UnverifiedToken {
  ok: true;
  algorithm: string;
  keyId: string;
  issuer: string;
  /** What it may be for, by its type and shape; empty for a token of another kind. */
  uses: readonly TokenUse[];
}

/** Proxies and servers refuse longer headers long before: Node's limit for all headers together is 16 KiB. */
const MAX_CHARACTERS = 16_384;
const COMPACT_JWS = /^([\w-]+)\.([\w-]+)\.[\w-]*$/;

/** ECMAScript: no date is farther from 1970. Libraries write times into their errors as dates, and throw where that fails. */
const MAX_DATE_SECONDS = 8.64e12;

/**
 * What a `typ` is good for, in small letters: RFC 7519, 5.1, and for access tokens RFC 9068, 2.1. Cognito sets none
 * ("Understanding the identity (ID) token": a header has `kid` and `alg`); others set one of these, or none.
 */
const USES_OF_TYPE: ReadonlyMap<string, readonly TokenUse[]> = new Map([
  ["jwt", ["access", "id"]],
  ["at+jwt", ["access"]],
]);

/** Reads a token far enough to know whose it says it is. */
export function readToken(token: unknown): UnverifiedToken | RefusedToken {
  if (typeof token !== "string" || token.length > MAX_CHARACTERS) return refused("malformed");
  const [, head = "", body = ""] = COMPACT_JWS.exec(token) ?? [];
  const header = jsonObject(head);
  const claims = jsonObject(body);
  if (header === null || claims === null) return refused("malformed");
  const { alg, kid, crit, typ = "JWT" } = header;
  const { iss, sub, exp, nbf = 0, iat = 0 } = claims;
  if (typeof alg !== "string" || typeof kid !== "string" || typeof iss !== "string")
    return refused("malformed");
  // Whoever does not know an extension that is critical must refuse the token (RFC 7515, section 4.1.11).
  if (crit !== undefined || typeof sub !== "string" || sub === "") return refused("malformed");
  // Without it a token would never end.
  if (![exp, nbf, iat].every(isTime) || typeof typ !== "string") return refused("malformed");
  return { ok: true, algorithm: alg, keyId: kid, issuer: iss, uses: usesOf(typ, claims) };
}

function isTime(claim: unknown): boolean {
  return typeof claim === "number" && Math.abs(claim) <= MAX_DATE_SECONDS;
}

/** What tells of events, as a logout token does, is no proof of a person, whatever type it says (RFC 8417, 4.5 and 4.6). */
function usesOf(typ: string, { events }: Claims): readonly TokenUse[] {
  if (isObject(events)) return [];
  // RFC 7515, 4.1.9: a media type, whose first part may be left out.
  return USES_OF_TYPE.get(typ.toLowerCase().replace(/^application\//, "")) ?? [];
}

function jsonObject(base64url: string): Claims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64url, "base64url").toString("utf8"));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Claims {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
