import { randomBytes, randomUUID } from "node:crypto";
import type { Pool, PoolChallenge, PoolClient, PoolUser } from "../pool/pool.ts";
import type { Call } from "./call.ts";
import { claimsOf } from "./id-claims.ts";
import { issuerOf } from "./issuer.ts";

/** The double's answers to a right password, in AWS's words: `InitiateAuthResponse`. */

/** Cognito's default. */
const LIFE_SECONDS = 3_600;

export function signInAnswer(user: PoolUser, client: PoolClient, pool: Pool, call: Call) {
  const challenge =
    user.challenge ?? (user.status === "FORCE_CHANGE_PASSWORD" ? "NEW_PASSWORD_REQUIRED" : null);
  if (challenge !== null)
    return {
      ChallengeName: challenge,
      Session: randomBytes(96).toString("base64url"),
      ChallengeParameters: parametersOf(challenge, user),
    };
  return { ChallengeParameters: {}, AuthenticationResult: tokensFor(user, client, pool, call) };
}

/** "Understanding user pool JSON web tokens" (Amazon Cognito developer guide). */
function tokensFor(user: PoolUser, client: PoolClient, pool: Pool, { signingKey, options, origin }: Call) {
  const iat = Math.floor(Date.now() / 1_000);
  const shared = {
    sub: user.sub,
    iss: issuerOf(pool, options, origin),
    origin_jti: randomUUID(),
    event_id: randomUUID(),
    auth_time: iat,
    iat,
    exp: iat + LIFE_SECONDS,
  };
  const groups = pool.groups.filter(({ members }) => members.includes(user.sub)).map(({ name }) => name);
  const inGroups = groups.length > 0 && { "cognito:groups": groups };
  return {
    AccessToken: signingKey.sign({
      ...shared,
      ...inGroups,
      token_use: "access",
      client_id: client.id,
      username: user.username,
      scope: "aws.cognito.signin.user.admin",
      jti: randomUUID(),
    }),
    IdToken: signingKey.sign({
      ...shared,
      ...inGroups,
      ...claimsOf(user, client),
      token_use: "id",
      aud: client.id,
      "cognito:username": user.username,
      jti: randomUUID(),
    }),
    RefreshToken: randomBytes(48).toString("base64url"),
    ExpiresIn: LIFE_SECONDS,
    TokenType: "Bearer",
  };
}

/** `ChallengeParameters` by challenge, as the API reference of RespondToAuthChallenge names them. */
function parametersOf(challenge: PoolChallenge, user: PoolUser): Record<string, string> {
  const { sub, email_verified, ...attributes } = user.attributes;
  const common = { USER_ID_FOR_SRP: user.username };
  switch (challenge) {
    case "NEW_PASSWORD_REQUIRED":
      return { ...common, requiredAttributes: "[]", userAttributes: JSON.stringify(attributes) };
    case "SMS_MFA":
      return { ...common, CODE_DELIVERY_DELIVERY_MEDIUM: "SMS", CODE_DELIVERY_DESTINATION: "+*******9999" };
    case "EMAIL_OTP":
      return { ...common, CODE_DELIVERY_DELIVERY_MEDIUM: "EMAIL", CODE_DELIVERY_DESTINATION: "a***@e***" };
    case "SOFTWARE_TOKEN_MFA":
      return common;
    case "SELECT_MFA_TYPE":
      return { ...common, MFAS_CAN_CHOOSE: '["SMS_MFA","SOFTWARE_TOKEN_MFA"]' };
    case "MFA_SETUP":
      return { ...common, MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]' };
  }
}
