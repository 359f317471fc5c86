import { CognitoJwtVerifier, JwtVerifier } from "aws-jwt-verify";
import { validateCognitoJwtFields } from "aws-jwt-verify/cognito-verifier";
import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  JwtExpiredError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
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
  /**
   * `iss` of the pool's tokens, one or several, for a pool whose address does not end in amazonaws.com: what
   * `/.well-known/openid-configuration` of the pool says.
   */
  issuer?: string | readonly string[];
  /** Where the pool's keys are, if not below its (first) issuer. */
  jwksUri?: string;
}

/**
 * A pool that is copied to several regions signs with an address of its own (README of aws-jwt-verify, `userPoolId`);
 * both lead to the same keys. Throws for a pool id that is none, or that is of another region.
 */
export function createCognitoProver(
  { region, userPoolId, clientId, tokenUse, issuer, jwksUri }: CognitoTokens,
  limits: KeyLimits,
  graceSeconds: number,
): Prover {
  if (!userPoolId.startsWith(`${region}_`))
    throw new TypeError(`The user pool ${userPoolId} is not in ${region}.`);
  const { issuer: own } = CognitoJwtVerifier.parseUserPoolId(userPoolId);
  const addresses = listOf(
    issuer ?? [own, `https://issuer-cognito-idp.${region}.amazonaws.com/${userPoolId}`],
  );
  const keys = createKeySet(keyAddress(jwksUri ?? `${addresses[0]}/.well-known/jwks.json`), limits);
  const wanted = { clientId: listOf(clientId), tokenUse: tokenUse ?? null };
  const verifier = JwtVerifier.create(
    addresses.map((address) => ({ issuer: address, jwksUri: address, audience: null, graceSeconds })),
    { jwksCache: new CognitoKeys(keys) },
  );
  return {
    issuer: "cognito",
    addresses,
    async prove(token) {
      try {
        const claims = await verifier.verify(token);
        validateCognitoJwtFields(claims, wanted);
        return { ok: true, use: claims.token_use === "id" ? "id" : "access", claims };
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

/** Whoever brings a token chooses what is in it: what no one foresaw is a refusal as well. */
function refusalOf(error: unknown): RefusedToken {
  if (error instanceof KeyNotHad) return error.refusal;
  if (error instanceof JwtInvalidSignatureError) return refused("bad_signature");
  if (error instanceof JwtExpiredError) return refused("expired");
  if (error instanceof JwtNotBeforeError) return refused("not_yet_valid");
  if (error instanceof CognitoJwtInvalidTokenUseError) return refused("wrong_use");
  if (error instanceof CognitoJwtInvalidClientIdError) return refused("wrong_audience");
  return refused("malformed");
}
