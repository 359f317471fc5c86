import type { MiddlewareHandler } from "hono";
import type { VerifiedToken } from "./answers.ts";
import type { TokenVerifier } from "./verifier.ts";

/** `c.get("token")` behind `requireToken`. */
export interface TokenEnv {
  Variables: { token: VerifiedToken };
}

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Lets through whoever brings a token of either issuer in `Authorization: Bearer …`. Answers with `{code}` otherwise:
 * 401 for no token or one that is refused, 503 where an issuer's keys cannot be had and trying again may help.
 */
export function requireToken(verifier: TokenVerifier): MiddlewareHandler<TokenEnv> {
  return async (c, next) => {
    const token = BEARER.exec(c.req.header("Authorization") ?? "")?.[1];
    if (token === undefined) return c.json({ code: "missing_token" }, 401, { "WWW-Authenticate": "Bearer" });
    const answer = await verifier.verify(token);
    if (!answer.ok) {
      if (answer.reason === "keys_unavailable")
        return c.json({ code: answer.reason }, 503, { "Retry-After": "1" });
      return c.json({ code: answer.reason }, 401, { "WWW-Authenticate": 'Bearer error="invalid_token"' });
    }
    c.set("token", answer);
    return next();
  };
}
