import { expect, onTestFinished, test } from "vitest";
import { createPoolList } from "../../src/cognito/pool-list.ts";
import { type Exchange, startCognitoDouble } from "../doubles/cognito/double.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import { passwordClient, withPasswords } from "../doubles/pool/passwords.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { authorizationFor, callRaw, type RawCall, startRig, walk, walkItems } from "./rig.ts";
import { readServiceModel, type ServiceModel } from "./service-model.ts";

/** Where AWS's service model of `cognito-idp` lies: botocore's `service-2.json`. */
const modelPath = process.env.COGNITO_MODEL;
if (modelPath === undefined)
  console.log("COGNITO_MODEL is not set: the Cognito double is not held to AWS's service model.");

/** Where AWS's answers break AWS's own model. May only shrink. */
const KNOWN_GAPS = [
  // `phone_number_verified` has 21 characters.
  "DescribeUserPool.UserPool.SchemaAttributes[].Name: not from 1 to 20",
  // Custom domains have dots: AWS's own example is `auth.example.com`.
  "DescribeUserPool.UserPool.CustomDomain: against the pattern",
];

/** Errors that every AWS service may answer ("Common error types"); no operation declares them. */
const COMMON_ERRORS = [
  "AccessDeniedException",
  "IncompleteSignatureException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "SerializationException",
  "UnrecognizedClientException",
];

const pool = withPasswords(makePool({ users: 300, seed: 11, providers: true }), 11);
pool.clients = [...pool.clients, passwordClient({ takesAddress: true })];
const UserPoolId = pool.poolId;
const GroupName = "editors";
const ClientId = pool.clients.find(({ secret }) => secret !== null)?.id ?? "";
const [{ identifier: Identifier } = { identifier: "" }] = pool.resourceServers;

/** A sign-in that is answered with tokens; requests about nobody in particular have no other way to be right. */
const person = pool.users.find(({ kind }) => kind === "plain");
const Username = person?.username ?? "";
const AuthParameters = { USERNAME: person?.username ?? "", PASSWORD: person?.password ?? "" };
const ofClient = { ClientId: passwordClient().id, AuthParameters };
const publicly = { ...ofClient, AuthFlow: "USER_PASSWORD_AUTH" };
const signed = { ...ofClient, UserPoolId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH" };
const ContextData = { IpAddress: "192.0.2.1", ServerName: "a", ServerPath: "/", HttpHeaders: [] };

/** Right and wrong requests; the model says which is which. */
const REQUESTS: [operation: string, body: unknown][] = [
  ["DescribeUserPool", { UserPoolId }],
  ["DescribeUserPool", {}],
  ["DescribeUserPool", []],
  ["DescribeUserPool", { UserPoolId: "no-underscore" }],
  ["DescribeUserPool", { UserPoolId: `eu-west-1_${"a".repeat(46)}` }],
  ["DescribeUserPool", { UserPoolId: 7 }],
  ["DescribeUserPool", { UserPoolId, Limit: 5 }],
  ["ListUserPools", { MaxResults: 60 }],
  ["ListUserPools", { MaxResults: 1 }],
  ["ListUserPools", {}],
  ["ListUserPools", { MaxResults: 0 }],
  ["ListUserPools", { MaxResults: 61 }],
  ["ListUserPools", { MaxResults: "60" }],
  ["ListUserPools", { MaxResults: 60, NextToken: "" }],
  ["ListUserPools", { MaxResults: 60, NextToken: "two words" }],
  ["ListUserPools", { MaxResults: 60, UserPoolId }],
  ["ListUsers", { UserPoolId }],
  ["ListUsers", { UserPoolId, Limit: 0 }],
  ["ListUsers", { UserPoolId, Limit: 60 }],
  ["ListUsers", { UserPoolId, Limit: 61 }],
  ["ListUsers", { UserPoolId, Limit: -1 }],
  ["ListUsers", { UserPoolId, Limit: 1.5 }],
  ["ListUsers", { UserPoolId, Limit: "60" }],
  ["ListUsers", { UserPoolId, Filter: 'cognito:user_status = "CONFIRMED"' }],
  ["ListUsers", { UserPoolId, Filter: `email = "${"a".repeat(246)}"` }],
  ["ListUsers", { UserPoolId, Filter: `email = "${"a".repeat(247)}"` }],
  ["ListUsers", { UserPoolId, AttributesToGet: ["sub"] }],
  ["ListUsers", { UserPoolId, AttributesToGet: "sub" }],
  ["ListUsers", { UserPoolId, AttributesToGet: ["a".repeat(33)] }],
  ["ListUsers", { UserPoolId, AttributesToGet: [""] }],
  ["ListUsers", { UserPoolId, PaginationToken: "" }],
  ["ListUsers", { UserPoolId, PaginationToken: "two words" }],
  ["ListUsers", { UserPoolId, NextToken: "of the other operation" }],
  ["ListUsersInGroup", { UserPoolId, GroupName }],
  ["ListUsersInGroup", { UserPoolId }],
  ["ListUsersInGroup", { UserPoolId, GroupName: "" }],
  ["ListUsersInGroup", { UserPoolId, GroupName: "two words" }],
  ["ListUsersInGroup", { UserPoolId, GroupName: "a".repeat(129) }],
  ["ListUsersInGroup", { UserPoolId, GroupName, Filter: "" }],
  ["AdminListGroupsForUser", { UserPoolId, Username }],
  ["AdminListGroupsForUser", { UserPoolId }],
  ["AdminListGroupsForUser", { UserPoolId, Username: "" }],
  ["AdminListGroupsForUser", { UserPoolId, Username: "two words" }],
  ["AdminListGroupsForUser", { UserPoolId, Username, Limit: 61 }],
  ["AdminListGroupsForUser", { UserPoolId, Username, MaxResults: 5 }],
  ["ListGroups", { UserPoolId }],
  ["ListGroups", {}],
  ["ListGroups", { UserPoolId, Limit: 0 }],
  ["ListGroups", { UserPoolId, Limit: 61 }],
  ["ListGroups", { UserPoolId, MaxResults: 5 }],
  ["ListGroups", { UserPoolId, NextToken: "two words" }],
  ["ListIdentityProviders", { UserPoolId }],
  ["ListIdentityProviders", { UserPoolId, MaxResults: 0 }],
  ["ListIdentityProviders", { UserPoolId, MaxResults: 60 }],
  ["ListIdentityProviders", { UserPoolId, MaxResults: 61 }],
  ["ListIdentityProviders", { UserPoolId, Limit: 5 }],
  ["ListIdentityProviders", { UserPoolId, NextToken: "" }],
  ...pool.identityProviders.map(({ name }): [string, unknown] => [
    "DescribeIdentityProvider",
    { UserPoolId, ProviderName: name },
  ]),
  ["DescribeIdentityProvider", { UserPoolId }],
  ["DescribeIdentityProvider", { UserPoolId, ProviderName: "" }],
  ["DescribeIdentityProvider", { UserPoolId, ProviderName: "a".repeat(33) }],
  ["DescribeIdentityProvider", { UserPoolId, ProviderName: "a\nb" }],
  ["ListUserPoolClients", { UserPoolId }],
  ["ListUserPoolClients", { UserPoolId, MaxResults: 0 }],
  ["ListUserPoolClients", { UserPoolId, MaxResults: 1 }],
  ["ListUserPoolClients", { UserPoolId, MaxResults: 60 }],
  ["ListUserPoolClients", { UserPoolId, MaxResults: 61 }],
  ["ListUserPoolClients", { UserPoolId, ClientType: "DCR" }],
  ["ListUserPoolClients", { UserPoolId, ClientType: "OTHER" }],
  ...pool.clients.map(({ id }): [string, unknown] => [
    "DescribeUserPoolClient",
    { UserPoolId, ClientId: id },
  ]),
  ["DescribeUserPoolClient", { UserPoolId }],
  ["DescribeUserPoolClient", { ClientId }],
  ["DescribeUserPoolClient", { UserPoolId, ClientId: "with-hyphen" }],
  ["DescribeUserPoolClient", { UserPoolId, ClientId: "a".repeat(129) }],
  ["ListResourceServers", { UserPoolId }],
  ["ListResourceServers", { UserPoolId, MaxResults: 0 }],
  ["ListResourceServers", { UserPoolId, MaxResults: 50 }],
  ["ListResourceServers", { UserPoolId, MaxResults: 51 }],
  ["DescribeResourceServer", { UserPoolId, Identifier }],
  ["DescribeResourceServer", { UserPoolId, Identifier: "two words" }],
  ["DescribeResourceServer", { UserPoolId, Identifier: "a".repeat(257) }],
  ["DescribeResourceServer", { UserPoolId }],
  ["DescribeUserPoolDomain", { Domain: "customers-example" }],
  ["DescribeUserPoolDomain", { Domain: "of-nobody" }],
  ["DescribeUserPoolDomain", { Domain: "Capitals" }],
  ["DescribeUserPoolDomain", { Domain: "a".repeat(64) }],
  ["DescribeUserPoolDomain", { Domain: "ends-in-" }],
  ["DescribeUserPoolDomain", { UserPoolId }],
  ["GetUserPoolMfaConfig", { UserPoolId }],
  ["GetUserPoolMfaConfig", {}],
  ["InitiateAuth", publicly],
  ["InitiateAuth", { ...publicly, ClientMetadata: { from: "bridge" }, AnalyticsMetadata: {} }],
  ["InitiateAuth", { ...publicly, UserContextData: { IpAddress: "192.0.2.1" } }],
  ["InitiateAuth", { ...publicly, Session: "a".repeat(20) }],
  ["InitiateAuth", { ...publicly, Session: "a".repeat(19) }],
  ["InitiateAuth", { ...publicly, UserPoolId }],
  ["InitiateAuth", { ...publicly, ContextData }],
  ["InitiateAuth", { ...publicly, AuthFlow: "PASSWORD" }],
  ["InitiateAuth", { ...publicly, ClientId: "with-hyphen" }],
  ["InitiateAuth", { ...publicly, AuthParameters: { ...AuthParameters, PASSWORD: 1 } }],
  ["InitiateAuth", { ...publicly, AuthParameters: [] }],
  ["InitiateAuth", ofClient],
  ["AdminInitiateAuth", signed],
  ["AdminInitiateAuth", { ...signed, ContextData }],
  ["AdminInitiateAuth", { ...signed, ContextData: { ...ContextData, HttpHeaders: [{ headerName: "a" }] } }],
  ["AdminInitiateAuth", { ...signed, ContextData: { IpAddress: "192.0.2.1" } }],
  ["AdminInitiateAuth", { ...signed, UserContextData: {} }],
  ["AdminInitiateAuth", { ...ofClient, AuthFlow: "ADMIN_USER_PASSWORD_AUTH" }],
  ["AdminInitiateAuth", publicly],
];

/** All that the product asks for. */
const ASKED = [
  "DescribeIdentityProvider",
  "DescribeUserPool",
  "DescribeUserPoolClient",
  "ListGroups",
  "ListIdentityProviders",
  "ListResourceServers",
  "ListUserPoolClients",
  "ListUserPools",
  "ListUsers",
  "ListUsersInGroup",
];

test.skipIf(modelPath === undefined)("what is sent and answered fits AWS's model", async () => {
  const model = readServiceModel(modelPath ?? "");
  const exchanges = await exchangesOfARun();
  expect([...new Set(exchanges.map(({ operation }) => operation))].sort()).toEqual(ASKED);
  const problems = exchanges.flatMap((exchange) => problemsOf(exchange, model));
  expect([...new Set(problems)].sort()).toEqual(KNOWN_GAPS.toSorted());
});

test.skipIf(modelPath === undefined).each(REQUESTS)(
  "judges %s %j as AWS's model does",
  async (...request) => {
    const [operation, body] = request;
    const model = readServiceModel(modelPath ?? "");
    const problems = model.requestProblems(operation, body);
    const answer = await callDouble({ operation, body });
    expect({ problems, status: answer.status }).toEqual({
      problems,
      status: problems.length === 0 ? 200 : 400,
    });
    expect(refusalProblems(operation, answer.status, answer.type, model)).toEqual([]);
    const answered = answer.status === 200 ? model.answerProblems(operation, answer.body) : [];
    expect(answered.filter((problem) => !KNOWN_GAPS.includes(problem))).toEqual([]);
  },
);

test.skipIf(modelPath === undefined)("every refusal is one that AWS knows", async () => {
  const model = readServiceModel(modelPath ?? "");
  const body = { UserPoolId };
  const calls: Omit<RawCall, "operation">[] = [
    { body, headers: { authorization: null } },
    { body, headers: { authorization: "Basic YTpi" } },
    { body, headers: { authorization: authorizationFor({ service: "s3" }) } },
    { body, headers: { authorization: authorizationFor({ region: "eu-central-1" }) } },
    { body: { UserPoolId: "eu-west-1_Nobody" } },
  ];
  for (const call of calls) {
    const { status, type } = await callDouble({ operation: "ListUsers", ...call });
    expect(status).toBe(400);
    expect(refusalProblems("ListUsers", status, type, model)).toEqual([]);
  }
});

const REFUSED: [operation: string, body: unknown, user: Partial<PoolUser>][] = [
  ["InitiateAuth", { ...publicly, AuthFlow: "ADMIN_USER_PASSWORD_AUTH" }, {}],
  ["InitiateAuth", { ...publicly, ClientId: "nobody" }, {}],
  ["InitiateAuth", { ...publicly, AuthParameters: {} }, {}],
  ...["InitiateAuth", "AdminInitiateAuth"].flatMap((operation): typeof REFUSED => {
    const body = operation === "InitiateAuth" ? publicly : signed;
    return [
      [operation, { ...body, AuthParameters: { ...AuthParameters, PASSWORD: "wrong" } }, {}],
      [operation, { ...body, AuthParameters: { ...AuthParameters, USERNAME: "nobody" } }, {}],
      [operation, body, { enabled: false }],
      [operation, body, { status: "RESET_REQUIRED" }],
      [operation, body, { status: "UNCONFIRMED" }],
    ];
  }),
];

test.skipIf(modelPath === undefined).each(REFUSED)(
  "refuses %s %j of a user with %j as AWS may",
  async (operation, body, changes) => {
    const model = readServiceModel(modelPath ?? "");
    const { status, type } = await callDouble({ operation, body }, changes);
    expect(status).toBe(400);
    expect(refusalProblems(operation, status, type, model)).toEqual([]);
  },
);

const CHALLENGES = [
  ...["NEW_PASSWORD_REQUIRED", "SMS_MFA", "SOFTWARE_TOKEN_MFA"],
  ...["EMAIL_OTP", "SELECT_MFA_TYPE", "MFA_SETUP"],
] as const;

test.skipIf(modelPath === undefined).each(CHALLENGES)("challenges with %s as AWS does", async (challenge) => {
  const model = readServiceModel(modelPath ?? "");
  const { body } = await callDouble({ operation: "InitiateAuth", body: publicly }, { challenge });
  expect(body.ChallengeName).toBe(challenge);
  expect(model.answerProblems("InitiateAuth", body)).toEqual([]);
});

/** `changes` are to the person who signs in. */
async function callDouble(call: RawCall, changes: Partial<PoolUser> = {}) {
  const users = pool.users.map((user) => (user === person ? { ...user, ...changes } : user));
  const double = await startCognitoDouble({ pool: { ...pool, users } });
  onTestFinished(() => double.close());
  return callRaw(double.url, call);
}

/** All that the product asks of Cognito, over pages of every kind, refusals included. */
async function exchangesOfARun(): Promise<Exchange[]> {
  const exchanges: Exchange[] = [];
  const options = { pages: { short: true, empty: true }, killTokensAfterPages: 40 };
  const onExchange = (exchange: Exchange) => exchanges.push(exchange);
  const { double, source } = await startRig({ pool, options, onExchange });
  await source.describePool();
  const pools = createPoolList(pool.region);
  onTestFinished(() => pools.close());
  await walkItems((token) => pools.list(token));
  await walk((token) => source.listUsers(token, 60));
  await walk((token) => source.listUsersInGroup("editors", token, 60));
  await source.listUsersInGroup("ghosts", null, 60);
  await walkItems((token) => source.listGroups(token));
  await walkItems((token) => source.listResourceServers(token));
  for (const name of await walkItems((token) => source.listIdentityProviders(token)))
    await source.describeIdentityProvider(name);
  for (const id of await walkItems((token) => source.listAppClients(token)))
    await source.describeAppClient(id);
  await source.describeIdentityProvider("Nobody");
  await source.describeAppClient("nobody");
  await source.listUsers("not-a-token", 60);
  double.setOptions({ denied: "ListUsers" });
  await source.listUsers(null, 60);
  double.setOptions({ denied: null, unlimited: false, quotaScale: 0.01 });
  await source.listUsers(null, 60);
  await source.listUsers(null, 60);
  await source.listGroups(null);
  await source.describeIdentityProvider("Google");
  await source.describeAppClient(ClientId);
  return exchanges;
}

function problemsOf({ operation, request, status, answer }: Exchange, model: ServiceModel): string[] {
  const asked = model.requestProblems(operation, JSON.parse(request));
  if (status === 200) return [...asked, ...model.answerProblems(operation, JSON.parse(answer))];
  const { __type: type, ...members }: { __type: string; message: string } = JSON.parse(answer);
  return [
    ...asked,
    ...refusalProblems(operation, status, type, model),
    ...(COMMON_ERRORS.includes(type) ? [] : model.shapeProblems(type, members)),
  ];
}

function refusalProblems(operation: string, status: number, type: string | undefined, model: ServiceModel) {
  if (status === 200) return [];
  const known = [...model.errorsOf(operation), ...COMMON_ERRORS];
  return type !== undefined && known.includes(type) ? [] : [`${operation}: the undeclared error ${type}`];
}
