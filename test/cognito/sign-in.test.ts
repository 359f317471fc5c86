import { expect, onTestFinished, test } from "vitest";
import { createPasswordCheck, type SignInClient } from "../../src/cognito/sign-in.ts";
import type { ClientContext } from "../../src/cognito/sign-in-request.ts";
import { createUserSource } from "../../src/cognito/user-pool.ts";
import { Secret } from "../../src/domain/secret.ts";
import { type CognitoDouble, type Exchange, startCognitoDouble } from "../doubles/cognito/double.ts";
import { passwordClient } from "../doubles/pool/passwords.ts";
import { type PoolClient, type PoolUser, poolOf } from "../doubles/pool/pool.ts";
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

const NOWHERE: ClientContext = { ipAddress: null, userAgent: null };

async function setUp(
  user: PoolUser = userOf(),
  options: Partial<SignInClient> = {},
  parts: { client?: Partial<PoolClient>; region?: string } = {},
) {
  const { region = "eu-west-1" } = parts;
  const pool = poolOf({ region, users: [user], clients: [{ ...CLIENT, ...parts.client }] });
  const exchanges: Exchange[] = [];
  const double = await startCognitoDouble({
    pool,
    options: { unlimited: true },
    onExchange: (exchange) => exchanges.push(exchange),
  });
  onTestFinished(() => double.close());
  stubAws({ AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: double.url });
  const address = { region, userPoolId: pool.poolId, callTimeoutMs: 2_000 };
  const source = createUserSource(address);
  onTestFinished(() => source.close());
  const check = createPasswordCheck({
    ...address,
    clientId: CLIENT.id,
    clientSecret: new Secret(SECRET),
    flow: "admin",
    findUser: source.findUser,
    ...options,
  });
  onTestFinished(() => check.close());
  const checkAs = (username: string, password: string) =>
    check.check(username, new Secret(password), NOWHERE);
  return {
    double,
    passwords: check,
    source,
    checkAs,
    check: (password: string) => checkAs("ada@example.com", password),
    /** The last sign-in, as it went over the wire. */
    lastRequest: (): unknown => {
      const last = exchanges.findLast(({ operation }) => operation.endsWith("InitiateAuth"));
      return JSON.parse(last?.request ?? "null");
    },
  };
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
  ["FORCE_CHANGE_PASSWORD", "new_password_required", { status: "FORCE_CHANGE_PASSWORD" }],
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
  expect(double.journal.entries.map(({ operation }) => operation)).toEqual([
    "AdminInitiateAuth",
    "AdminInitiateAuth",
  ]);
});

test("Cognito's lock-out is told as one", async () => {
  const { check } = await setUp();
  for (let tries = 0; tries < 5; tries += 1) await check("Wrong-1");
  expect(await check("Right-1")).toEqual({ kind: "locked_out" });
});

test("a password that no user can have is not sent", async () => {
  const { check, double } = await setUp();
  expect(await check("x".repeat(257))).toEqual({ kind: "wrong" });
  expect(double.journal.entries).toEqual([]);
});

const CLIENT_7 = "Client 7abc";
const wrong = { kind: "wrong" };
const disabled = { kind: "disabled" };
const resetRequired = { kind: "reset_required" };
const outage = (code: string) => ({ kind: "outage", code });

/** Every sentence that is known, as people report it of AWS. */
test.each<[string, string, object]>([
  ["NotAuthorizedException", "Incorrect username or password.", wrong],
  ["NotAuthorizedException", "Incorrect username or password. 0 Remaining", wrong],
  ["UserNotFoundException", "User does not exist.", wrong],
  ["NotAuthorizedException", "User is disabled.", disabled],
  ["NotAuthorizedException", "Password attempts exceeded", { kind: "locked_out" }],
  [
    "NotAuthorizedException",
    "Temporary password has expired and must be reset by an administrator.",
    resetRequired,
  ],
  [
    "NotAuthorizedException",
    "User account has expired, it must be reset by an administrator.",
    resetRequired,
  ],
  ["NotAuthorizedException", "Unable to login because of security reasons.", resetRequired],
  ["NotAuthorizedException", "Request not allowed due to security reasons.", resetRequired],
  ["PasswordResetRequiredException", "Password reset required for the user", resetRequired],
  ["UserNotConfirmedException", "User is not confirmed.", { kind: "unconfirmed" }],
  ["TooManyRequestsException", "Rate exceeded", { kind: "throttled" }],
  ["ThrottlingException", "Rate exceeded", { kind: "throttled" }],

  ["UserLambdaValidationException", "PreAuthentication failed with error Not from here.", disabled],
  ["NotAuthorizedException", "PreAuthentication failed with error Not from here.", disabled],
  [
    "UserLambdaValidationException",
    "PreAuthentication failed with error RequestId: 9fdb5cfa-5ec1 Error: Runtime exited with error: exit status 129.",
    outage("pre_authentication_failed"),
  ],
  [
    "UserLambdaValidationException",
    "PreAuthentication failed with error 2026-11-29T12:00:00.000Z 9fdb5cfa Task timed out after 3.00 seconds.",
    outage("pre_authentication_failed"),
  ],
  [
    "UnexpectedLambdaException",
    "PreAuthentication invocation failed due to error AccessDeniedException.",
    outage("pre_authentication_failed"),
  ],
  [
    "UserLambdaValidationException",
    "PostAuthentication failed with error Unable to import module 'handler'.",
    outage("post_authentication_failed"),
  ],
  [
    "UnexpectedLambdaException",
    "PostAuthentication invocation failed due to error TooManyRequestsException.",
    outage("post_authentication_failed"),
  ],
  [
    "UserLambdaValidationException",
    "PreTokenGeneration failed with error No tenant.",
    outage("pre_token_generation_failed"),
  ],
  [
    "UnexpectedLambdaException",
    "PreTokenGeneration invocation failed due to error AccessDeniedException.",
    outage("pre_token_generation_failed"),
  ],
  [
    "UserLambdaValidationException",
    "CustomSMSSender failed with error No route.",
    outage("UserLambdaValidationException"),
  ],
  ["UnexpectedLambdaException", "Lambda function failed unexpectedly", outage("UnexpectedLambdaException")],
  [
    "InvalidLambdaResponseException",
    "Unrecognizable lambda output",
    outage("InvalidLambdaResponseException"),
  ],

  ["UserNotFoundException", `Exception migrating user in app client ${CLIENT.id}`, wrong],
  ["NotAuthorizedException", `Exception migrating user in app client ${CLIENT.id}`, wrong],
  ["UserLambdaValidationException", "UserMigration failed with error Bad password.", wrong],
  ["UnexpectedLambdaException", "UserMigration invocation failed due to error AccessDeniedException.", wrong],

  [
    "InvalidParameterException",
    "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 128",
    wrong,
  ],
  [
    "InvalidParameterException",
    "2 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}]+; Value at 'userAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}]+",
    wrong,
  ],
  [
    "InvalidParameterException",
    "2 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must not be null; Value at 'clientId' failed to satisfy constraint: Member must not be null",
    outage("InvalidParameterException"),
  ],
  [
    "InvalidParameterException",
    "USER_PASSWORD_AUTH flow not enabled for this client",
    outage("flow_not_enabled"),
  ],
  ["InvalidParameterException", "Auth flow not enabled for this client", outage("flow_not_enabled")],
  ["InvalidParameterException", "Something new.", outage("InvalidParameterException")],

  ["NotAuthorizedException", `Unable to verify secret hash for client 7abc`, outage("client_secret_wrong")],
  [
    "NotAuthorizedException",
    `${CLIENT_7} is configured with secret but SECRET_HASH was not received`,
    outage("client_secret_missing"),
  ],
  [
    "NotAuthorizedException",
    `${CLIENT_7} is configured for secret but secret was not received`,
    outage("client_secret_missing"),
  ],
  ["ResourceNotFoundException", "User pool client 7abc does not exist.", outage("client_not_found")],
  ["ResourceNotFoundException", "User pool eu-west-1_Nobody does not exist.", outage("pool_not_found")],
  ["ResourceNotFoundException", "Something new.", outage("ResourceNotFoundException")],
  ["AccessDeniedException", "User is not authorized to perform", outage("AccessDeniedException")],
  ["NotAuthorizedException", "Something new.", outage("NotAuthorizedException")],
  ["UserLambdaValidationException", "Something new.", outage("UserLambdaValidationException")],
  ["InternalErrorException", "Something went wrong", outage("InternalErrorException")],
  ["SomethingNewException", "Incorrect username or password.", outage("SomethingNewException")],
])("%s, '%s', is read for what it says", async (__type, message, verdict) => {
  const { check, double } = await setUp();
  answerWith(double, 400, { __type, message });
  expect(await check("Right-1")).toEqual(verdict);
});

test.each(["x".repeat(129), "two words"])("%s, which no pool takes for a name, is nobody's", async (name) => {
  const { checkAs } = await setUp();
  expect(await checkAs(name, "Right-1")).toEqual({ kind: "wrong" });
});

test("challenges of a flow that is none of passwords end in a reset", async () => {
  const { check, double } = await setUp();
  answerWith(double, 200, { ChallengeName: "CUSTOM_CHALLENGE", Session: "s".repeat(32) });
  expect(await check("Right-1")).toEqual({ kind: "reset_required" });
});

test("a client secret that is wrong, and silence, are outages", async () => {
  const { check } = await setUp(userOf(), { clientSecret: new Secret("other") });
  expect(await check("Right-1")).toEqual({ kind: "outage", code: "client_secret_wrong" });
  const slow = await setUp(userOf(), { callTimeoutMs: 200 });
  slow.double.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: { kind: "hang" },
  });
  expect(await slow.check("Right-1")).toMatchObject({ kind: "outage" });
});

const SOMEWHERE: ClientContext = { ipAddress: "203.0.113.9", userAgent: "Mozilla/5.0" };

test("the signed flow tells threat protection where the person sits, and with which browser", async () => {
  const { passwords, lastRequest } = await setUp();
  const attempt = (context: ClientContext) =>
    passwords.check("ada@example.com", new Secret("Right-1"), context);
  expect(await attempt(SOMEWHERE)).toMatchObject({ kind: "proven" });
  const server = { ServerName: "spillway-bridge", ServerPath: "/sign-in" };
  expect(lastRequest()).toMatchObject({
    ContextData: {
      IpAddress: "203.0.113.9",
      ...server,
      HttpHeaders: [{ headerName: "User-Agent", headerValue: "Mozilla/5.0" }],
    },
  });
  expect(await attempt({ ipAddress: "2001:db8::1", userAgent: null })).toMatchObject({ kind: "proven" });
  expect(lastRequest()).toMatchObject({
    ContextData: { IpAddress: "2001:db8::1", ...server, HttpHeaders: [] },
  });
  // Cognito takes no agent without an address.
  expect(await attempt({ ipAddress: null, userAgent: "Mozilla/5.0" })).toMatchObject({ kind: "proven" });
  expect(lastRequest()).not.toHaveProperty("ContextData");
});

test.each([
  [true, { IpAddress: "203.0.113.9" }],
  [false, undefined],
])("the public flow tells the address where the app client takes one: %s", async (takesAddress, told) => {
  const { passwords, lastRequest } = await setUp(
    userOf(),
    { flow: "public" },
    { client: { takesAddress, signInFlows: ["ALLOW_USER_PASSWORD_AUTH"] } },
  );
  const attempt = () => passwords.check("ada@example.com", new Secret("Right-1"), SOMEWHERE);
  // Before Cognito said what the client takes, it is told nothing.
  expect(await attempt()).toMatchObject({ kind: "proven" });
  expect(lastRequest()).not.toHaveProperty("UserContextData");
  expect(await passwords.checkClient()).toEqual({ kind: "able" });
  expect(await attempt()).toMatchObject({ kind: "proven" });
  expect(lastRequest()).toEqual(
    told === undefined
      ? expect.not.objectContaining({ UserContextData: expect.anything() })
      : expect.objectContaining({ UserContextData: told }),
  );
});

test.each([
  ["eu-west-1", "aws"],
  ["eu-west-1", "aws_updated"],
  ["cn-north-1", "aws"],
  ["eusc-de-east-1", "aws_updated"],
  ["us-gov-west-1", "aws"],
] as const)("a pool of %s whose issuer is %s proves people", async (region, tokenIssuer) => {
  const { check, double } = await setUp(userOf(), {}, { region });
  double.setOptions({ tokenIssuer });
  expect(await check("Right-1")).toMatchObject({ kind: "proven", person: { sub: "sub-1" } });
  expect(await check("Right-1")).toMatchObject({ kind: "proven" });
  expect(double.journal.entries.filter(({ operation }) => operation === "discovery")).toHaveLength(1);
});

test("a pool may be switched to the other type of issuers while passwords are checked", async () => {
  const { check, double } = await setUp();
  for (const tokenIssuer of ["aws", "aws_updated", "aws"] as const) {
    double.setOptions({ tokenIssuer });
    expect(await check("Right-1")).toMatchObject({ kind: "proven" });
  }
});

test("whoever issues tokens is held to: another one proves nobody", async () => {
  const { check, double } = await setUp();
  expect(await check("Right-1")).toMatchObject({ kind: "proven" });
  double.setOptions({ tokenIssuer: "own" });
  expect(await check("Right-1")).toEqual({ kind: "outage", code: "ForeignToken" });
});

test("discovery that fails is an outage of its own, of right passwords alone, and is asked again", async () => {
  const { check, double } = await setUp();
  double.faults.add({ match: { operation: "discovery" }, times: 1, effect: { kind: "status", status: 503 } });
  expect(await check("Right-1")).toEqual({ kind: "outage", code: "issuer_not_known" });
  double.faults.add({ match: { operation: "discovery" }, times: 1, effect: { kind: "reset" } });
  expect(await check("Wrong-1")).toEqual({ kind: "wrong" });
  expect(await check("Right-1")).toEqual({ kind: "outage", code: "issuer_not_known" });
  expect(await check("Right-1")).toMatchObject({ kind: "proven" });
});

test.each<[string, number, unknown]>([
  ["another pool", 200, { issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other" }],
  ["another host", 200, { issuer: "https://evil.example/eu-west-1_Sp1llway0" }],
  ["no TLS", 200, { issuer: "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Sp1llway0" }],
  ["a login", 200, { issuer: "https://a@cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Sp1llway0" }],
  ["no issuer", 200, {}],
  ["no JSON", 200, "<html>"],
  ["too much", 200, { issuer: "x".repeat(65 * 1_024) }],
  ["no such pool", 404, { message: "Not Found" }],
])("a discovery document of %s teaches nothing", async (_, status, body) => {
  const { check, double } = await setUp();
  double.faults.add({
    match: { operation: "discovery" },
    times: 1,
    effect: { kind: "status", status, body },
  });
  expect(await check("Right-1")).toEqual({ kind: "outage", code: "issuer_not_known" });
  expect(await check("Right-1")).toMatchObject({ kind: "proven" });
});

test("a discovery document that leads elsewhere is not followed", async () => {
  const { check, double } = await setUp();
  const headers = { location: `${double.url}/eu-west-1_Sp1llway0/.well-known/openid-configuration` };
  double.faults.add({
    match: { operation: "discovery" },
    times: 1,
    effect: { kind: "status", status: 302, headers },
  });
  expect(await check("Right-1")).toEqual({ kind: "outage", code: "issuer_not_known" });
});

test("people who sign in at once share one reading of the discovery document", async () => {
  const { check, double } = await setUp();
  const verdicts = await Promise.all(Array.from({ length: 10 }, () => check("Right-1")));
  expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(["proven"]));
  expect(double.journal.entries.filter(({ operation }) => operation === "discovery")).toHaveLength(1);
});

test.each<[string, Partial<PoolClient>, string]>([
  ["email", { readAttributes: ["email_verified", "name"] }, "token_without_email"],
  ["email_verified", { readAttributes: ["email", "name"] }, "token_without_email_verified"],
])("a token without the %s that the person has is a set-up's fault", async (_, client, code) => {
  const { check } = await setUp(userOf(), {}, { client });
  expect(await check("Right-1")).toEqual({ kind: "outage", code });
  expect(await check("Wrong-1")).toEqual({ kind: "wrong" });
});

test("a person who has no address, or never verified it, is told from such a fault", async () => {
  const without = await setUp(userOf({ username: "ada", attributes: { sub: "sub-1" } }));
  expect(await without.checkAs("ada", "Right-1")).toMatchObject({
    kind: "proven",
    person: { email: null, emailVerified: false },
  });
  const unverified = await setUp(
    userOf({ attributes: { sub: "sub-1", email: "ada@example.com" } }),
    {},
    { client: { readAttributes: ["email"] } },
  );
  expect(await unverified.check("Right-1")).toMatchObject({
    kind: "proven",
    person: { email: "ada@example.com", emailVerified: false },
  });
});

test("where the list of users does not answer, a token without an address says nothing", async () => {
  const { checkAs, double } = await setUp(userOf({ username: "ada", attributes: { sub: "sub-1" } }));
  double.setOptions({ denied: "ListUsers" });
  expect(await checkAs("ada", "Right-1")).toEqual({ kind: "outage", code: "token_without_email" });
});

/** One of each of OpenID's types, and of Cognito's. */
const EVERY_ATTRIBUTE = {
  sub: "sub-1",
  email: "ada@example.com",
  email_verified: "true",
  phone_number: "+441632960001",
  phone_number_verified: "false",
  name: "Ada Lovelace",
  given_name: "Ada",
  address: '{"street_address": "12 St James\'s Square"}',
  updated_at: "1700000000",
  birthdate: "1815-12-10",
  zoneinfo: "Europe/London",
  "custom:plan": "gold",
  "custom:seats": "007",
};

test("a token's attributes are what the list of users gives", async () => {
  const readAttributes = Object.keys(EVERY_ATTRIBUTE);
  const { check, source } = await setUp(
    userOf({ attributes: EVERY_ATTRIBUTE }),
    {},
    { client: { readAttributes } },
  );
  const verdict = await check("Right-1");
  const listed = await source.findUser("sub-1");
  expect(listed).toMatchObject({ ok: true, value: { attributes: EVERY_ATTRIBUTE } });
  expect(verdict).toMatchObject({
    kind: "proven",
    person: { attributes: EVERY_ATTRIBUTE },
  });
});
