import { errors, jwtVerify } from "jose";
import { type Claims, type RefusedToken, refused } from "./answers.ts";
import { keyAddress } from "./key-address.ts";
import { createKeySet, type KeyLimits } from "./key-set.ts";
import type { Proof, Prover } from "./prover.ts";

interface JwtIssuer {
  addresses: readonly string[];
  jwksUri: string;
  limits: KeyLimits;
  toleranceSeconds: number;
  /** Asked last: who a token that is the issuer's own is for, and what for. */
  judge(claims: Claims): Proof | RefusedToken;
}

/** Tokens of WorkOS: signature, issuer and times by jose, the rest by `judge`. */
export function createJwtProver({ addresses, jwksUri, limits, toleranceSeconds, judge }: JwtIssuer): Prover {
  const keys = createKeySet(keyAddress(jwksUri), limits);
  const options = { algorithms: ["RS256"], issuer: [...addresses], clockTolerance: toleranceSeconds };
  return {
    issuer: "workos",
    addresses,
    async prove(token, keyId) {
      const found = await keys.find(keyId);
      if (!found.ok) return found;
      try {
        const { payload } = await jwtVerify(token, found.key, options);
        return judge(payload);
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

/** Whoever brings a token chooses what is in it: what no one foresaw is a refusal as well. */
function refusalOf(error: unknown): RefusedToken {
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused("bad_signature");
  if (error instanceof errors.JWTExpired) return refused("expired");
  const isEarly = error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf";
  return refused(isEarly ? "not_yet_valid" : "malformed");
}
