import { CognitoJwtVerifier } from "aws-jwt-verify";
import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  JwtExpiredError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  JwtParseError,
} from "aws-jwt-verify/error";
import { type RefusedToken, refused, type TokenUse } from "./answers.ts";
import { CognitoKeys, KeyNotHad } from "./cognito-keys.ts";
import { keyAddress } from "./key-address.ts";
import { createKeySet, type KeyLimits } from "./key-set.ts";
import { listOf, type Prover } from "./prover.ts";

export interface CognitoTokens {
  region: string;
  userPoolId: string;
  /** The app clients whose tokens are accepted: `client_id` of an access token, `aud` of an ID token. */
  clientId: string | readonly string[];
  /** Only tokens of this use are accepted. Both are where it is left out. */
  tokenUse?: TokenUse;
  /** Where the pool's keys are, if not at AWS. */
  jwksUri?: string;
}

/**
 * A pool that is copied to several regions signs with an address of its own (README of aws-jwt-verify, `userPoolId`);
 * both lead to the same keys. Throws for a pool id that is none, or that is of another region.
 */
export function createCognitoProver(
  { region, userPoolId, clientId, tokenUse, jwksUri }: CognitoTokens,
  limits: KeyLimits,
  graceSeconds: number,
): Prover {
  if (!userPoolId.startsWith(`${region}_`))
    throw new TypeError(`The user pool ${userPoolId} is not in ${region}.`);
  const address = `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`;
  const keys = createKeySet(keyAddress(jwksUri ?? `${address}/.well-known/jwks.json`), limits);
  const verifier = CognitoJwtVerifier.create(
    { userPoolId, clientId: listOf(clientId), tokenUse: tokenUse ?? null, graceSeconds },
    { jwksCache: new CognitoKeys(keys) },
  );
  return {
    issuer: "cognito",
    addresses: [address, `https://issuer-cognito-idp.${region}.amazonaws.com/${userPoolId}`],
    async prove(token) {
      try {
        const claims = await verifier.verify(token);
        return { ok: true, use: claims.token_use, claims };
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

/** Throws what is no refusal. */
function refusalOf(error: unknown): RefusedToken {
  if (error instanceof KeyNotHad) return error.refusal;
  if (error instanceof JwtInvalidSignatureError) return refused("bad_signature");
  if (error instanceof JwtExpiredError) return refused("expired");
  if (error instanceof JwtNotBeforeError) return refused("not_yet_valid");
  if (error instanceof CognitoJwtInvalidTokenUseError) return refused("wrong_use");
  if (error instanceof CognitoJwtInvalidClientIdError) return refused("wrong_audience");
  if (error instanceof JwtParseError) return refused("malformed");
  throw error;
}
