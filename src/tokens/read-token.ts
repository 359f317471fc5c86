import { type Claims, type RefusedToken, refused } from "./answers.ts";

/** What a token says of itself. Nobody has proven any of it yet. */
export interface UnverifiedToken {
  ok: true;
  algorithm: string;
  keyId: string;
  issuer: string;
}

/** Proxies and servers refuse longer headers long before: Node's limit for all headers together is 16 KiB. */
const MAX_CHARACTERS = 16_384;
const COMPACT_JWS = /^([\w-]+)\.([\w-]+)\.[\w-]*$/;

/** Reads a token far enough to know whose it says it is. */
export function readToken(token: unknown): UnverifiedToken | RefusedToken {
  if (typeof token !== "string" || token.length > MAX_CHARACTERS) return refused("malformed");
  const [, head = "", body = ""] = COMPACT_JWS.exec(token) ?? [];
  const header = jsonObject(head);
  const claims = jsonObject(body);
  if (header === null || claims === null) return refused("malformed");
  const { alg, kid, crit } = header;
  const { iss, sub, exp } = claims;
  if (typeof alg !== "string" || typeof kid !== "string" || typeof iss !== "string")
    return refused("malformed");
  // Whoever does not know an extension that is critical must refuse the token (RFC 7515, section 4.1.11).
  if (crit !== undefined || typeof sub !== "string" || sub === "") return refused("malformed");
  // Without it a token would never end.
  if (typeof exp !== "number" || !Number.isFinite(exp)) return refused("malformed");
  return { ok: true, algorithm: alg, keyId: kid, issuer: iss };
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
