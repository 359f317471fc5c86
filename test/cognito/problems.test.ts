import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { problemOf } from "../../src/cognito/errors.ts";
import type { UserSource } from "../../src/cognito/source.ts";
import { createUserSource } from "../../src/cognito/user-pool.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import type { Fault } from "../doubles/shared/faults.ts";
import { type RigWish, startRig, stubAws } from "./rig.ts";

const pool = plainPool({ users: 3 });

async function answerUnder(fault: Fault["effect"], wish: Partial<RigWish> = {}) {
  const { double, source } = await startRig({ pool, ...wish });
  double.faults.add({ match: { operation: "ListUsers" }, times: 1, effect: fault });
  const answer = await source.listUsers(null, 60);
  expect(double.journal.entries).toHaveLength(1);
  return answer;
}

test("a call over the quota is asked to slow down", async () => {
  const { source } = await startRig({ pool, options: { unlimited: false, quotaScale: 0.05 } });
  await source.listUsers(null, 60);
  expect(await source.listUsers(null, 60)).toEqual({ ok: false, problem: "slow_down" });
});

test("AWS's own throttling is asked to slow down", async () => {
  const answer = await answerUnder({
    kind: "status",
    status: 400,
    body: { __type: "ThrottlingException", message: "Rate exceeded" },
  });
  expect(answer).toEqual({ ok: false, problem: "slow_down" });
});

/** JSON as it should be, but for its length. */
const tooLong = (mebibytes: number) =>
  ({ kind: "status", status: 200, body: `{}${" ".repeat(mebibytes * 1_024 * 1_024)}` }) as const;

test.each([
  ["ListUsers", 110, (source: UserSource) => source.listUsers(null, 60)],
  ["DescribeUserPool", 17, (source: UserSource) => source.describePool()],
])("an answer to %s that is far too long is an outage", async (operation, mebibytes, call) => {
  const { double, source } = await startRig({ pool });
  double.faults.add({ match: { operation }, times: 1, effect: tooLong(mebibytes) });
  expect(await call(source)).toEqual({ ok: false, problem: "unavailable", code: "ANSWER_TOO_LONG" });
  expect(await call(source)).toMatchObject({ ok: true });
});

test("a pool that does not exist is not found", async () => {
  const { source } = await startRig({ pool, userPoolId: "eu-west-1_Nobody" });
  const notFound = { ok: false, problem: "not_found", code: "ResourceNotFoundException" };
  expect(await source.describePool()).toEqual(notFound);
  expect(await source.listUsers(null, 60)).toEqual(notFound);
});

test("a pool asked for in another region is not found", async () => {
  const { source } = await startRig({ pool, region: "us-east-1" });
  expect(await source.describePool()).toMatchObject({ ok: false, problem: "not_found" });
});

test("a group that does not exist is not found", async () => {
  const { source } = await startRig({ pool });
  expect(await source.listUsersInGroup("ghosts", null, 60)).toMatchObject({ problem: "not_found" });
});

test("no credentials at all are access lost", async () => {
  const { double, source } = await startRig({ pool });
  stubAws({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
  const lost = { ok: false, problem: "access_lost", code: "CredentialsProviderError" };
  expect(await source.listUsers(null, 60)).toEqual(lost);
  expect(double.journal.entries).toHaveLength(0);
});

test("a missing permission is access lost for its call only", async () => {
  const { source } = await startRig({ pool, options: { denied: "ListUsers" } });
  const lost = { ok: false, problem: "access_lost", code: "AccessDeniedException" };
  expect(await source.listUsers(null, 60)).toEqual(lost);
  expect(await source.describePool()).toMatchObject({ ok: true });
});

test("an access key that AWS does not know is access lost", async () => {
  const { source } = await startRig({ pool, options: { accessKeys: ["AKIDOTHER"] } });
  const lost = { ok: false, problem: "access_lost", code: "UnrecognizedClientException" };
  expect(await source.describePool()).toEqual(lost);
});

test.each(["NotAuthorizedException", "ExpiredTokenException", "InvalidSignatureException"])(
  "the refusal %s is access lost",
  async (name) => {
    const answer = await answerUnder({ kind: "status", status: 400, body: { __type: name } });
    expect(answer).toEqual({ ok: false, problem: "access_lost", code: name });
  },
);

test("an internal error of Cognito is unavailable", async () => {
  const body = { __type: "InternalErrorException", message: "m" };
  const answer = await answerUnder({ kind: "status", status: 500, body });
  expect(answer).toEqual({ ok: false, problem: "unavailable", code: "InternalErrorException" });
});

test.each([500, 502, 503, 504])("a proxy's page of status %i is unavailable", async (status) => {
  const headers = { "content-type": "text/html" };
  const answer = await answerUnder({ kind: "status", status, headers, body: "<h1>Bad gateway</h1>" });
  expect(answer).toEqual({ ok: false, problem: "unavailable", code: `Status${status}` });
});

test("an answer that is not JSON is unavailable", async () => {
  const answer = await answerUnder({ kind: "status", status: 200, body: "<h1>Welcome to the hotel</h1>" });
  expect(answer).toEqual({ ok: false, problem: "unavailable", code: "Status200" });
});

test.each(["{}", "null", '{"Users":null}'])("an answer of %s is not the end of a list", async (body) => {
  const answer = await answerUnder({ kind: "status", status: 200, body });
  expect(answer).toEqual({ ok: false, problem: "unavailable", code: "EmptyAnswer" });
});

test("a connection reset before the answer is unavailable", async () => {
  const answer = await answerUnder({ kind: "reset" });
  expect(answer).toEqual({ ok: false, problem: "unavailable", code: "ECONNRESET" });
});

test("a call without an answer in time is unavailable", async () => {
  const answer = await answerUnder({ kind: "hang" }, { callTimeoutMs: 100 });
  expect(answer).toEqual({ ok: false, problem: "unavailable", code: "ETIMEDOUT" });
});

test("an answer that stalls half-way is unavailable", async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write('{"Users":[');
  });
  const url = await listening(server);
  stubAws({ AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: url });
  const source = createUserSource({ region: pool.region, userPoolId: pool.poolId, callTimeoutMs: 100 });
  expect(await source.listUsers(null, 60)).toEqual({
    ok: false,
    problem: "unavailable",
    code: "TimeoutError",
  });
});

test.each([{ "content-length": "1000" }, { "transfer-encoding": "chunked" }])(
  "an answer that breaks off half-way is unavailable (%o)",
  async (headers) => {
    const server = createServer((_, response) => {
      response.writeHead(200, headers);
      response.write('{"Users":[', () => response.destroy());
    });
    stubAws({ AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: await listening(server) });
    const source = createUserSource({ region: pool.region, userPoolId: pool.poolId });
    expect(await source.listUsers(null, 60)).toEqual({
      ok: false,
      problem: "unavailable",
      code: "ECONNRESET",
    });
  },
);

test("an endpoint where nobody listens is unavailable", async () => {
  const { double, source } = await startRig({ pool });
  await double.close();
  const unavailable = { ok: false, problem: "unavailable", code: "ECONNREFUSED" };
  expect(await source.describePool()).toEqual(unavailable);
});

test("an invalid parameter without a token is refused", async () => {
  const { source } = await startRig({ pool });
  const refused = { ok: false, problem: "refused", code: "InvalidParameterException" };
  expect(await source.listUsers(null, 61)).toEqual(refused);
});

test("an error whose name is no word is told by its status", () => {
  const error = Object.assign(new Error("no"), {
    name: "ada@example.com",
    $metadata: { httpStatusCode: 400 },
  });
  expect(problemOf(error, false)).toEqual({ problem: "refused", code: "Status400" });
});

test("a defect is thrown, not answered", () => {
  expect(() => problemOf(new TypeError("defect"), false)).toThrow("defect");
});

test("a token of another list is a dead one", async () => {
  const { source } = await startRig({ pool });
  const page = await source.listUsers(null, 1);
  const token = page.ok ? page.value.nextToken : null;
  expect(await source.listUsers(token, 2)).toEqual({ ok: false, problem: "dead_token" });
});

async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A TCP server that listens has an AddressInfo.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
