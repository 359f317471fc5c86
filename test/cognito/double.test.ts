import { expect, onTestFinished, test } from "vitest";
import { startCognitoDouble } from "../doubles/cognito/double.ts";
import type { OptionsWish } from "../doubles/cognito/options.ts";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import { authorizationFor, callRaw, type RawCall } from "./rig.ts";

const pool = plainPool({ users: 20 });
const UserPoolId = pool.poolId;
const group = {
  name: "all",
  description: "Everybody",
  precedence: null,
  members: pool.users.map(({ sub }) => sub),
};
pool.groups.push(group);

const setUp = makePool({ users: 1, seed: 1, providers: true });

async function start(options: OptionsWish = {}, served = pool) {
  const double = await startCognitoDouble({ pool: served, options });
  onTestFinished(() => double.close());
  const call = (operation: string, body: unknown, headers: RawCall["headers"] = {}) =>
    callRaw(double.url, { operation, body, headers });
  return { double, call };
}

test.each<[string, RawCall["headers"], string]>([
  ["no signature", { authorization: null }, "MissingAuthenticationTokenException"],
  ["another kind of signature", { authorization: "Bearer x" }, "IncompleteSignatureException"],
  [
    "another service's scope",
    { authorization: authorizationFor({ service: "sts" }) },
    "InvalidSignatureException",
  ],
  ["another day's scope", { "x-amz-date": "20260602T000000Z" }, "InvalidSignatureException"],
  [
    "another region's scope",
    { authorization: authorizationFor({ region: "us-east-1" }) },
    "ResourceNotFoundException",
  ],
  ["another content type", { "content-type": "application/json" }, "UnknownOperationException"],
  [
    "another service's target",
    { "x-amz-target": "DynamoDB_20120810.ListUsers" },
    "UnknownOperationException",
  ],
])("refuses %s", async (_, headers, type) => {
  const { call } = await start();
  expect(await call("ListUsers", { UserPoolId }, headers)).toMatchObject({ status: 400, type });
});

test("refuses operations that it does not have", async () => {
  const { call } = await start();
  expect((await call("AdminGetUser", { UserPoolId })).type).toBe("UnknownOperationException");
});

test.each([
  ["another Limit", { Limit: 6 }],
  ["a Filter", { Limit: 5, Filter: 'status = "Enabled"' }],
  ["other attributes", { Limit: 5, AttributesToGet: ["sub"] }],
])("a token is refused together with %s", async (_, parameters) => {
  const { call } = await start();
  const { body } = await call("ListUsers", { UserPoolId, Limit: 5 });
  const next = { UserPoolId, PaginationToken: body.PaginationToken };
  expect((await call("ListUsers", { ...next, ...parameters })).type).toBe("InvalidParameterException");
  expect((await call("ListUsers", { ...next, Limit: 5 })).status).toBe(200);
});

test("a token of one list is refused by another", async () => {
  const { call } = await start();
  const { body } = await call("ListUsers", { UserPoolId, Limit: 5 });
  const other = { UserPoolId, GroupName: "all", Limit: 5, NextToken: body.PaginationToken };
  expect((await call("ListUsersInGroup", other)).type).toBe("InvalidParameterException");
});

test("a token of one list is refused by another that is asked alike", async () => {
  const { call } = await start({}, setUp);
  const asked = { UserPoolId: setUp.poolId, MaxResults: 1 };
  const { body } = await call("ListIdentityProviders", asked);
  const next = { ...asked, NextToken: body.NextToken };
  expect((await call("ListUserPoolClients", next)).type).toBe("InvalidParameterException");
  expect((await call("ListIdentityProviders", next)).status).toBe(200);
});

test("a token outlives the double that gave it", async () => {
  const [first, second] = [await start(), await start()];
  const { body } = await first.call("ListUsers", { UserPoolId, Limit: 5 });
  const next = { UserPoolId, Limit: 5, PaginationToken: body.PaginationToken };
  expect(await second.call("ListUsers", next)).toEqual(await first.call("ListUsers", next));
});

test("the same call gets the same adversarial page", async () => {
  const { call } = await start({ pages: { short: true, empty: true }, seed: 9 });
  const { body } = await call("ListUsers", { UserPoolId, Limit: 5 });
  const next = { UserPoolId, Limit: 5, PaginationToken: body.PaginationToken };
  expect(await call("ListUsers", next)).toEqual(await call("ListUsers", next));
});

test("filters by start and by whole value", async () => {
  const { call } = await start();
  const [user] = pool.users;
  const email = user?.attributes.email ?? "";
  const whole = await call("ListUsers", { UserPoolId, Filter: `email = "${email}"` });
  const starting = await call("ListUsers", { UserPoolId, Filter: `email ^= "${email.slice(0, 8)}"` });
  expect(whole.body.Users).toHaveLength(1);
  expect(starting.body.Users).toContainEqual(expect.objectContaining({ Username: user?.username }));
});

test("refuses to filter by a custom attribute", async () => {
  const { call } = await start();
  const { type } = await call("ListUsers", { UserPoolId, Filter: 'custom:plan = "pro"' });
  expect(type).toBe("InvalidParameterException");
});

test("refuses attributes that a listed user lacks", async () => {
  const { call } = await start();
  const { type } = await call("ListUsers", { UserPoolId, AttributesToGet: ["sub", "picture"] });
  expect(type).toBe("InvalidParameterException");
});

test("a page of providers has no more than 50", async () => {
  const [provider] = setUp.identityProviders;
  const identityProviders = Array.from({ length: 60 }, () => provider).filter((one) => one !== undefined);
  const { call } = await start({}, { ...setUp, identityProviders });
  const { body } = await call("ListIdentityProviders", { UserPoolId: setUp.poolId, MaxResults: 60 });
  expect(body.Providers).toHaveLength(50);
});

test("describes the domains of its pool", async () => {
  const { call } = await start({}, setUp);
  for (const Domain of ["customers-example", "auth.customers.example.com"]) {
    const { body } = await call("DescribeUserPoolDomain", { Domain });
    expect(body.DomainDescription).toMatchObject({ Domain, UserPoolId: setUp.poolId, Status: "ACTIVE" });
  }
});

test("describes a domain that nobody has by nothing", async () => {
  const { call } = await start({}, setUp);
  const { status, body } = await call("DescribeUserPoolDomain", { Domain: "of-nobody" });
  expect({ status, body }).toEqual({ status: 200, body: { DomainDescription: {} } });
});

test("describes a resource server and refuses one that it does not have", async () => {
  const { call } = await start({}, setUp);
  const asked = { UserPoolId: setUp.poolId, Identifier: "https://api.example.com/orders" };
  const { body } = await call("DescribeResourceServer", asked);
  expect(body.ResourceServer).toMatchObject({
    Identifier: asked.Identifier,
    Scopes: [{ ScopeName: "read" }, { ScopeName: "write" }],
  });
  const other = await call("DescribeResourceServer", { ...asked, Identifier: "ghosts" });
  expect(other.type).toBe("ResourceNotFoundException");
});

test("tells the pool's second factors", async () => {
  const { call } = await start({}, setUp);
  const { body } = await call("GetUserPoolMfaConfig", { UserPoolId: setUp.poolId });
  expect(body).toEqual({
    MfaConfiguration: "OPTIONAL",
    SoftwareTokenMfaConfiguration: { Enabled: true },
  });
});

test("lists of users share one quota, the pool has its own", async () => {
  const { call } = await start({ quotaScale: 0.1 });
  const operations = ["ListUsers", "ListUsersInGroup", "ListUsers", "ListUsersInGroup"];
  const types: (string | undefined)[] = [];
  for (const operation of operations) {
    const more = operation === "ListUsers" ? {} : { GroupName: "all" };
    types.push((await call(operation, { UserPoolId, ...more })).type);
  }
  expect(types).toEqual([undefined, undefined, undefined, "TooManyRequestsException"]);
  expect((await call("DescribeUserPool", { UserPoolId })).status).toBe(200);
});

test("is steered over HTTP while it runs", async () => {
  const { double, call } = await start();
  const options = JSON.stringify({ denied: "ListUsers" });
  await fetch(`${double.url}/__double/options`, { method: "POST", body: options });
  expect((await call("ListUsers", { UserPoolId })).type).toBe("AccessDeniedException");
  const journal = await fetch(`${double.url}/__double/journal`);
  expect(await journal.json()).toMatchObject([{ operation: "ListUsers", status: 400 }]);
  const unknown = await fetch(`${double.url}/__double/options`, { method: "POST", body: '{"denid":null}' });
  expect(unknown.status).toBe(400);
});
