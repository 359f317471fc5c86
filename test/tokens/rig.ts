import type { JWTPayload } from "jose";
import {
  type CognitoTokens,
  createTokenVerifier,
  type TokenVerifier,
  type TokenVerifierOptions,
  type WorkosTokens,
} from "../../src/tokens/index.ts";
import { inSeconds, type KeyPair, type KeyServer, keyPair, startKeyServer } from "./issuer.ts";

export const POOL = "eu-west-1_AbCdEfGhI";
export const COGNITO = `https://cognito-idp.eu-west-1.amazonaws.com/${POOL}`;
export const APP_CLIENT = "4b8kvn2appclient";
export const ENVIRONMENT = "client_01ENVIRONMENT";
const SESSIONS = `https://api.workos.com/user_management/${ENVIRONMENT}`;
export const AUTHKIT = "https://acme.authkit.app";
export const APPLICATION = "client_01APPLICATION";
export const SUB = "4f1c2a6e-8d3b-4d53-9a11-6f2f0a7c9e10";
export const USER = "user_01HBEQKA6K4QJAS93VPE39W1JT";

// Three pairs for all tests of a file: making them is slow.
const cognitoKey = await keyPair("cognito-1");
export const sessionKey = await keyPair("session-1");
export const connectKey = await keyPair("connect-1");

export interface Rig {
  verifier: TokenVerifier;
  cognitoKeys: KeyServer;
  sessionKeys: KeyServer;
  connectKeys: KeyServer;
}

type Changes = Partial<Omit<TokenVerifierOptions, "cognito" | "destination">> & {
  cognito?: Partial<CognitoTokens>;
  destination?: Partial<WorkosTokens>;
};

/** A verifier for both issuers, with a key server for each kind of token. */
export async function rig({ cognito, destination, ...others }: Changes = {}): Promise<Rig> {
  const [cognitoKeys, sessionKeys, connectKeys] = await Promise.all([
    startKeyServer(cognitoKey),
    startKeyServer(sessionKey),
    startKeyServer(connectKey),
  ]);
  const verifier = createTokenVerifier({
    cognito: {
      region: "eu-west-1",
      userPoolId: POOL,
      clientId: APP_CLIENT,
      jwksUri: cognitoKeys.address,
      ...cognito,
    },
    destination: {
      kind: "workos",
      clientId: ENVIRONMENT,
      jwksUri: sessionKeys.address,
      connect: { issuer: AUTHKIT, clientId: APPLICATION, jwksUri: connectKeys.address },
      ...destination,
    },
    ...others,
  });
  return { verifier, cognitoKeys, sessionKeys, connectKeys };
}

/** A kind of token: its claims as the vendor documents them, and the key that signs it. */
export interface Kind {
  claims: () => JWTPayload;
  key: KeyPair;
}

const times = () => ({ iat: inSeconds(0), exp: inSeconds(300) });

export const cognitoAccess: Kind = {
  claims: () => ({
    iss: COGNITO,
    sub: SUB,
    token_use: "access",
    client_id: APP_CLIENT,
    username: SUB,
    scope: "openid",
    ...times(),
  }),
  key: cognitoKey,
};

export const cognitoId: Kind = {
  claims: () => ({
    iss: COGNITO,
    sub: SUB,
    token_use: "id",
    aud: APP_CLIENT,
    email: "jo@example.com",
    ...times(),
  }),
  key: cognitoKey,
};

export const session: Kind = {
  claims: () => ({ iss: SESSIONS, sub: USER, sid: "session_01", jti: "01", org_id: "org_01", ...times() }),
  key: sessionKey,
};

export const connectAccess: Kind = {
  claims: () => ({
    iss: AUTHKIT,
    sub: USER,
    aud: ENVIRONMENT,
    client_id: APPLICATION,
    sid: "app_consent_01",
    jti: "02",
    scope: "openid",
    ...times(),
  }),
  key: connectKey,
};

export const connectId: Kind = {
  claims: () => ({
    iss: AUTHKIT,
    sub: USER,
    aud: APPLICATION,
    email: "jo@example.com",
    nonce: "n",
    ...times(),
  }),
  key: connectKey,
};
