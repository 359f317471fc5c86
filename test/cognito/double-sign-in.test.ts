import { createHmac, createPublicKey, verify } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { startCognitoDouble } from "../doubles/cognito/double.ts";
import type { OptionsWish } from "../doubles/cognito/options.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { passwordClient } from "../doubles/pool/passwords.ts";
import type { Pool, PoolClient, PoolUser } from "../doubles/pool/pool.ts";
import { callRaw } from "./rig.ts";

const PASSWORD = "correct horse";
const SECRET = "s3cret";
const jwks = z.object({ keys: z.tuple([z.looseObject({ kid: z.string() })]) });

interface Wish {
  user?: Partial<PoolUser>;
  client?: Partial<PoolClient>;
  pool?: Partial<Pool>;
  options?: OptionsWish;
  nowMs?: () => number;
}

/** A pool of one user, who has a password, and one client. */
async function start({ user = {}, client = {}, pool = {}, options = {}, nowMs }: Wish = {}) {
  const plain = plainPool({ users: 1 });
  const users = plain.users.map((one): PoolUser => ({ ...one, password: PASSWORD, ...user }));
  const served = { ...plain, users, clients: [passwordClient(client)], ...pool };
  const double = await startCognitoDouble({ pool: served, options, ...(nowMs !== undefined && { nowMs }) });
  onTestFinished(() => double.close());
  const email = users[0]?.attributes.email ?? "";
  const ClientId = passwordClient(client).id;
  const signIn = async (parameters: Record<string, string> = {}, fields: Record<string, unknown> = {}) => {
    const AuthParameters = { USERNAME: email, PASSWORD, ...parameters };
    const body = { ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters, ...fields };
    const answer = await callRaw(double.url, {
      operation: "InitiateAuth",
      body,
      headers: { authorization: null },
    });
    return { ...answer, message: answer.body.message };
  };
  const signInSigned = (fields: Record<string, unknown> = {}, headers: Record<string, string | null> = {}) =>
    callRaw(double.url, {
      operation: "AdminInitiateAuth",
      headers,
      body: {
        UserPoolId: served.poolId,
        ClientId,
        AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME: email, PASSWORD },
        ...fields,
      },
    });
  return { double, pool: served, email, sub: users[0]?.sub, ClientId, signIn, signInSigned };
}

const wrong = { status: 400, type: "NotAuthorizedException", message: "Incorrect username or password." };
const tokens = z.object({
  AuthenticationResult: z.strictObject({
    AccessToken: z.string(),
    IdToken: z.string(),
    RefreshToken: z.string(),
    ExpiresIn: z.literal(3_600),
    TokenType: z.literal("Bearer"),
  }),
});

test("a right password is answered with tokens of the person, signed by the pool's key", async () => {
  const { double, pool, email, sub, ClientId, signIn } = await start();
  const { IdToken, AccessToken } = tokens.parse((await signIn()).body).AuthenticationResult;
  const published = await fetch(`${double.url}/${pool.poolId}/.well-known/jwks.json`);
  const [jwk] = jwks.parse(await published.json()).keys;
  const iss = `https://cognito-idp.eu-west-1.amazonaws.com/${pool.poolId}`;
  expect(verified(IdToken, jwk)).toMatchObject({
    ...{ sub, iss, email, aud: ClientId, token_use: "id" },
    email_verified: true,
    "cognito:username": sub,
  });
  expect(verified(AccessToken, jwk)).toMatchObject({ sub, iss, client_id: ClientId, token_use: "access" });
  expect(double.journal.entries.map(({ operation }) => operation)).toEqual(["InitiateAuth", "jwks"]);
});

function verified(token: string, jwk: z.output<typeof jwks>["keys"][0]) {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const signed = Buffer.from(`${header}.${claims}`);
  expect(verify("sha256", signed, key, Buffer.from(signature, "base64url"))).toBe(true);
  expect(decoded(header)).toMatchObject({ alg: "RS256", kid: jwk.kid });
  const { exp, iat, ...rest } = decoded(claims);
  expect(exp - iat).toBe(3_600);
  return rest;
}

const decoded = (part = "") => JSON.parse(Buffer.from(part, "base64url").toString());

test("another pool has no keys here", async () => {
  const { double } = await start();
  const { status } = await fetch(`${double.url}/eu-west-1_Other/.well-known/jwks.json`);
  expect(status).toBe(404);
});

test("tokens name the double's own address where they are told to", async () => {
  const { double, pool, signIn } = await start({ options: { tokenIssuer: "own" } });
  const { IdToken } = tokens.parse((await signIn()).body).AuthenticationResult;
  expect(decoded(IdToken.split(".")[1]).iss).toBe(`${double.url}/${pool.poolId}`);
});

test.each(["false", "other"])(
  "an address that is verified as '%s' is not verified in a token",
  async (value) => {
    const attributes = { sub: "1", email: "ada@example.com", email_verified: value };
    const { signIn } = await start({ user: { attributes } });
    const { IdToken } = tokens.parse((await signIn()).body).AuthenticationResult;
    expect(decoded(IdToken.split(".")[1]).email_verified).toBe(false);
  },
);

test("the signed operation takes its own flow, and only signed", async () => {
  const { signInSigned } = await start();
  expect(tokens.safeParse((await signInSigned()).body).success).toBe(true);
  expect(await signInSigned({}, { authorization: null })).toMatchObject({
    status: 400,
    type: "MissingAuthenticationTokenException",
  });
  expect((await signInSigned({ AuthFlow: "USER_PASSWORD_AUTH" })).type).toBe("InvalidParameterException");
});

test("a policy without the permission refuses the signed operation", async () => {
  const { signInSigned } = await start({ options: { denied: "AdminInitiateAuth" } });
  expect((await signInSigned()).type).toBe("AccessDeniedException");
});

test("a client with a secret takes the right hash only", async () => {
  const { email, ClientId, signIn } = await start({ client: { secret: SECRET } });
  const hashOf = (username: string) =>
    createHmac("sha256", SECRET).update(`${username}${ClientId}`).digest("base64");
  expect((await signIn({ SECRET_HASH: hashOf(email) })).status).toBe(200);
  expect(await signIn({ SECRET_HASH: hashOf("bob@example.com") })).toMatchObject({
    type: "NotAuthorizedException",
    message: `Unable to verify secret hash for client ${ClientId}`,
  });
  expect(await signIn()).toMatchObject({
    type: "NotAuthorizedException",
    message: `Client ${ClientId} is configured with secret but SECRET_HASH was not received`,
  });
});

test("a client without a secret takes no hash", async () => {
  const { signIn } = await start();
  expect((await signIn({ SECRET_HASH: "x" })).type).toBe("NotAuthorizedException");
});

test("a client refuses a flow that it does not allow", async () => {
  const { signIn, signInSigned } = await start({ client: { signInFlows: ["ALLOW_USER_SRP_AUTH"] } });
  expect(await signIn()).toMatchObject({
    type: "InvalidParameterException",
    message: "USER_PASSWORD_AUTH flow not enabled for this client",
  });
  expect((await signInSigned()).type).toBe("InvalidParameterException");
});

test("refuses a client that is not there", async () => {
  const { signIn } = await start();
  expect((await signIn({}, { ClientId: "nobody" })).type).toBe("ResourceNotFoundException");
});

test("an unknown user looks like a wrong password", async () => {
  const { signIn } = await start();
  const [unknown, mistyped] = [await signIn({ USERNAME: "nobody" }), await signIn({ PASSWORD: "wrong" })];
  expect(unknown).toMatchObject(wrong);
  expect(mistyped).toEqual(unknown);
});

test("a client of the old kind tells unknown users", async () => {
  const { signIn } = await start({ client: { preventUserExistenceErrors: "LEGACY" } });
  expect((await signIn({ USERNAME: "nobody" })).type).toBe("UserNotFoundException");
  expect(await signIn({ PASSWORD: "wrong" })).toMatchObject(wrong);
});

test.each<[string, Partial<PoolUser>, string, string]>([
  ["disabled", { enabled: false }, "NotAuthorizedException", "User is disabled."],
  [
    "to be reset",
    { status: "RESET_REQUIRED" },
    "PasswordResetRequiredException",
    "Password reset required for the user",
  ],
  ["unconfirmed", { status: "UNCONFIRMED" }, "UserNotConfirmedException", "User is not confirmed."],
  ["compromised", { status: "COMPROMISED" }, "NotAuthorizedException", wrong.message],
  ["federated", { status: "EXTERNAL_PROVIDER" }, "NotAuthorizedException", wrong.message],
])("a right password does not sign in someone who is %s", async (_, user, type, message) => {
  const { signIn } = await start({ user });
  expect(await signIn()).toMatchObject({ status: 400, type, message });
});

test("who is disabled, to be reset or unconfirmed is told so with any password", async () => {
  for (const user of [{ enabled: false }, { status: "RESET_REQUIRED" }, { status: "UNCONFIRMED" }]) {
    const { signIn } = await start({ user });
    expect(await signIn({ PASSWORD: "wrong" })).toEqual(await signIn());
  }
});

test("someone without a password does not sign in with any", async () => {
  const { double, signIn, pool } = await start();
  for (const user of pool.users) delete user.password;
  for (const PASSWORD of ["", "undefined"]) expect(await signIn({ PASSWORD })).toMatchObject(wrong);
  expect(double.journal.entries).toHaveLength(2);
});

test.each([
  "NEW_PASSWORD_REQUIRED",
  "SMS_MFA",
  "SOFTWARE_TOKEN_MFA",
  "EMAIL_OTP",
  "SELECT_MFA_TYPE",
  "MFA_SETUP",
] as const)("%s stands between a right password and tokens", async (challenge) => {
  const { signIn } = await start({ user: { challenge } });
  expect((await signIn()).body).toEqual({
    ChallengeName: challenge,
    Session: expect.stringMatching(/^.{20,}$/),
    ChallengeParameters: expect.any(Object),
  });
  expect(await signIn({ PASSWORD: "wrong" })).toMatchObject(wrong);
});

test("a temporary password has to be replaced", async () => {
  const { signIn } = await start({ user: { status: "FORCE_CHANGE_PASSWORD" } });
  expect((await signIn()).body.ChallengeName).toBe("NEW_PASSWORD_REQUIRED");
});

test("five failures lock one person out for a second, and nobody else", async () => {
  let nowMs = 0;
  const { pool, signIn } = await start({ nowMs: () => nowMs });
  const [ada] = pool.users;
  if (ada !== undefined) pool.users.push({ ...ada, sub: "bob", username: "bob", attributes: { sub: "bob" } });
  const messages: unknown[] = [];
  for (let n = 0; n < 5; n += 1) messages.push((await signIn({ PASSWORD: "wrong" })).message);
  expect(new Set(messages)).toEqual(new Set([wrong.message]));
  expect(await signIn()).toMatchObject({
    type: "NotAuthorizedException",
    message: "Password attempts exceeded",
  });
  expect((await signIn({ USERNAME: "bob" })).status).toBe(200);
  nowMs = 1_000;
  expect((await signIn()).status).toBe(200);
});

test.each<[string, string, Partial<Pool>, number]>([
  ["by the username", "ada", {}, 200],
  ["by the address", "ada@example.com", {}, 200],
  ["in another case", "ADA@example.com", {}, 400],
  ["in another case where case does not count", "ADA@example.com", { caseSensitiveUsernames: false }, 200],
  ["by an address that is no username", "ada@example.com", { usernameAttributes: [] }, 400],
  [
    "by an unverified address that is an alias",
    "ada@example.com",
    { usernameAttributes: [], aliasAttributes: ["email"] },
    400,
  ],
  [
    "by a preferred username",
    "countess",
    { usernameAttributes: [], aliasAttributes: ["preferred_username"] },
    200,
  ],
])("signs in %s: %s", async (_, USERNAME, pool, status) => {
  const attributes = { sub: "1", email: "ada@example.com", preferred_username: "countess" };
  const { signIn } = await start({ user: { username: "ada", attributes }, pool });
  expect((await signIn({ USERNAME })).status).toBe(status);
});

test("of two with one address the verified one is meant", async () => {
  const { pool, email, sub, signIn } = await start();
  const [ada] = pool.users;
  if (ada !== undefined)
    pool.users.unshift({
      ...ada,
      sub: "squatter",
      username: "squatter",
      attributes: { sub: "squatter", email },
    });
  const { IdToken } = tokens.parse((await signIn()).body).AuthenticationResult;
  expect(decoded(IdToken.split(".")[1]).sub).toBe(sub);
});

test.each([
  [{ USERNAME: "ada" }, "InvalidParameterException"],
  [{ PASSWORD }, "InvalidParameterException"],
  [undefined, "InvalidParameterException"],
  [{ USERNAME: 1, PASSWORD }, "SerializationException"],
])("refuses the parameters %j", async (AuthParameters, type) => {
  const { signIn } = await start();
  expect((await signIn({}, { AuthParameters })).type).toBe(type);
});
