import { expect, onTestFinished, test } from "vitest";
import { createPasswordCheck, type SignInClient } from "../../src/cognito/sign-in.ts";
import { Secret } from "../../src/domain/secret.ts";
import { type CognitoDouble, startCognitoDouble } from "../doubles/cognito/double.ts";
import { passwordClient } from "../doubles/pool/passwords.ts";
import { type PoolUser, poolOf } from "../doubles/pool/pool.ts";
import { stubAws } from "./rig.ts";

const SECRET = "client-secret";
const CLIENT = passwordClient({
  id: "client1",
  secret: SECRET,
  signInFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
  writeAttributes: null,
});

function userOf(parts: Partial<PoolUser> = {}): PoolUser {
  return {
    kind: "person",
    sub: "sub-1",
    username: "sub-1",
    attributes: { sub: "sub-1", email: "ada@example.com", email_verified: "true" },
    status: "CONFIRMED",
    enabled: true,
    createdAtMs: 0,
    modifiedAtMs: 0,
    password: "Right-1",
    ...parts,
  };
}

async function setUp(user: PoolUser = userOf(), options: Partial<SignInClient> = {}) {
  const pool = poolOf({ users: [user], clients: [CLIENT] });
  const double = await startCognitoDouble({ pool, options: { unlimited: true } });
  onTestFinished(() => double.close());
  stubAws({ AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: double.url });
  const check = createPasswordCheck({
    region: pool.region,
    userPoolId: pool.poolId,
    clientId: CLIENT.id,
    clientSecret: new Secret(SECRET),
    flow: "admin",
    callTimeoutMs: 2_000,
    ...options,
  });
  onTestFinished(() => check.close());
  return { double, check: (password: string) => check.check("ada@example.com", new Secret(password)) };
}

function answerWith(double: CognitoDouble, status: number, body: unknown): void {
  double.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: { kind: "status", status, body },
  });
}

test("the right password proves the person that the token names", async () => {
  const { check } = await setUp();
  expect(await check("Right-1")).toMatchObject({
    kind: "proven",
    person: { sub: "sub-1", email: "ada@example.com", emailVerified: true },
  });
});

test.each<[string, string, Partial<PoolUser>]>([
  ["a disabled user", "disabled", { enabled: false }],
  ["RESET_REQUIRED", "reset_required", { status: "RESET_REQUIRED" }],
  ["FORCE_CHANGE_PASSWORD", "reset_required", { status: "FORCE_CHANGE_PASSWORD" }],
  ["UNCONFIRMED", "unconfirmed", { status: "UNCONFIRMED" }],
  ["an MFA challenge", "second_factor", { challenge: "SOFTWARE_TOKEN_MFA" }],
])("%s ends as %s", async (_, kind, parts) => {
  const { check } = await setUp(userOf(parts));
  expect(await check("Right-1")).toEqual({ kind });
});

test("a wrong password is asked about once, and a failure is not repeated", async () => {
  const { check, double } = await setUp();
  expect(await check("Wrong-1")).toEqual({ kind: "wrong" });
  answerWith(double, 500, { __type: "InternalErrorException" });
  expect(await check("Right-1")).toEqual({ kind: "outage", code: "InternalErrorException" });
  expect(double.journal.entries.length).toBe(2);
});

test("Cognito's lock-out is told as one", async () => {
  const { check } = await setUp();
  for (let tries = 0; tries < 5; tries += 1) await check("Wrong-1");
  expect(await check("Right-1")).toEqual({ kind: "throttled" });
});

test("a password that no user can have is not sent", async () => {
  const { check, double } = await setUp();
  expect(await check("x".repeat(257))).toEqual({ kind: "wrong" });
  expect(double.journal.entries).toEqual([]);
});

test.each([
  ["UserNotFoundException", "User does not exist.", { kind: "wrong" }],
  ["NotAuthorizedException", "Password attempts exceeded", { kind: "throttled" }],
  ["NotAuthorizedException", "Temporary password has expired.", { kind: "reset_required" }],
  ["NotAuthorizedException", "Something new.", { kind: "outage", code: "NotAuthorizedException" }],
  ["UserLambdaValidationException", "PreAuthentication failed.", { kind: "disabled" }],
  ["TooManyRequestsException", "Rate exceeded", { kind: "throttled" }],
  ["InvalidParameterException", "Flow not enabled.", { kind: "outage", code: "InvalidParameterException" }],
  ["ResourceNotFoundException", "No such client.", { kind: "outage", code: "ResourceNotFoundException" }],
])("%s (%s) is read for what it says", async (__type, message, verdict) => {
  const { check, double } = await setUp();
  answerWith(double, 400, { __type, message });
  expect(await check("Right-1")).toEqual(verdict);
});

test("challenges of a flow that is none of passwords end in a reset", async () => {
  const { check, double } = await setUp();
  answerWith(double, 200, { ChallengeName: "CUSTOM_CHALLENGE", Session: "s".repeat(32) });
  expect(await check("Right-1")).toEqual({ kind: "reset_required" });
});

test("a client secret that is wrong, and silence, are outages", async () => {
  const { check } = await setUp(userOf(), { clientSecret: new Secret("other") });
  expect(await check("Right-1")).toEqual({ kind: "outage", code: "NotAuthorizedException" });
  const slow = await setUp(userOf(), { callTimeoutMs: 200 });
  slow.double.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: { kind: "hang" },
  });
  expect(await slow.check("Right-1")).toMatchObject({ kind: "outage" });
});
