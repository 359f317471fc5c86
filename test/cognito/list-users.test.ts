import { expect, test } from "vitest";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import { poolOf } from "../doubles/pool/pool.ts";
import { startRig, walk } from "./rig.ts";

const subsOf = (users: readonly { sub: string }[]) => users.map(({ sub }) => sub).sort();

test("lists every user once over full pages", async () => {
  const pool = makePool({ users: 250, seed: 1 });
  const { source } = await startRig({ pool });
  const { users, pages } = await walk((token) => source.listUsers(token, 60));
  expect(pages.map((page) => page.users.length)).toEqual([60, 60, 60, 60, 10]);
  expect(subsOf(users)).toEqual(subsOf(pool.users));
});

test("a page of people whose attributes are at their longest is read in every alphabet", async () => {
  const pool = plainPool({ users: 60 });
  for (const user of pool.users)
    for (let number = 0; number < 50; number += 1)
      user.attributes[`custom:note${number}`] = "\u6f22".repeat(2_048);
  const { source } = await startRig({ pool });
  const { users } = await walk((token) => source.listUsers(token, 60));
  expect(subsOf(users)).toEqual(subsOf(pool.users));
});

test("a full last page ends the list", async () => {
  const { source } = await startRig({ pool: plainPool({ users: 60 }) });
  const { pages } = await walk((token) => source.listUsers(token, 30));
  expect(pages.map((page) => page.users.length)).toEqual([30, 30]);
});

test.each([1, 2, 3, 4, 5])("lists every user once over short and empty pages (seed %i)", async (seed) => {
  const pool = makePool({ users: 300, seed });
  const options = { seed, pages: { short: true, empty: true } };
  const { source } = await startRig({ pool, options });
  const { users, pages } = await walk((token) => source.listUsers(token, 10));
  expect(subsOf(users)).toEqual(subsOf(pool.users));
  expect(pages.some((page) => page.users.length === 0 && page.nextToken !== null)).toBe(true);
});

test.each([1, 2, 3])("finds one person by sub, over empty pages too (seed %i)", async (seed) => {
  const pool = makePool({ users: 40, seed });
  const { double, source } = await startRig({ pool, options: { seed, pages: { short: true, empty: true } } });
  const [user] = pool.users;
  expect(await source.findUser(user?.sub ?? "")).toMatchObject({ ok: true, value: { sub: user?.sub } });
  expect(await source.findUser("nobody")).toEqual({ ok: true, value: null });
  expect(await source.findUser('" or "\\')).toEqual({ ok: true, value: null });
  expect(new Set(double.journal.entries.map(({ operation }) => operation))).toEqual(new Set(["ListUsers"]));
});

test.each([1, 2])("tells somebody's groups, over empty pages too (seed %i)", async (seed) => {
  const plain = plainPool({ users: 3 });
  const [first, second] = plain.users;
  const groups = Array.from({ length: 100 }, (_, index) => ({
    name: `group-${index}`,
    description: "",
    precedence: index,
    members: index === 0 ? plain.users.map(({ sub }) => sub) : [first?.sub ?? ""],
  }));
  const pool = poolOf({ ...plain, groups });
  const { source } = await startRig({ pool, options: { seed, pages: { short: true, empty: true } } });
  const all = await source.groupsOfUser(first?.username ?? "");
  expect(all.ok && all.value?.toSorted()).toEqual(groups.map(({ name }) => name).toSorted());
  expect(await source.groupsOfUser(second?.username ?? "")).toEqual({ ok: true, value: ["group-0"] });
  expect(await source.groupsOfUser("nobody")).toEqual({ ok: true, value: null });
});

test("lists whoever has an address, in any case and of any length", async () => {
  const long = `${"l".repeat(64)}@${`${"d".repeat(60)}.`.repeat(3)}example`;
  const pool = plainPool({ users: 3 });
  const [first, second] = pool.users;
  for (const address of ["Ada@Example.com", long]) {
    Object.assign(first?.attributes ?? {}, { email: address });
    Object.assign(second?.attributes ?? {}, { email: address.toLowerCase() });
    const { source } = await startRig({ pool });
    const page = await source.usersByEmail(address.toLowerCase(), null);
    expect(page).toMatchObject({ ok: true, value: { users: [{ sub: first?.sub }, { sub: second?.sub }] } });
  }
});

test("reads each row's statuses, dates and attributes", async () => {
  const pool = makePool({ users: 100, seed: 2 });
  const { source } = await startRig({ pool });
  const { users } = await walk((token) => source.listUsers(token, 60));
  const read = users.map(({ identities: _, identitiesBroken: __, ...user }) => user);
  expect(read).toEqual(pool.users.map(({ kind: _, ...user }) => user));
});

test("what is null in an answer reads as absent", async () => {
  const pool = plainPool({ users: 1 });
  const { double, source } = await startRig({ pool });
  const row = {
    Username: null,
    Attributes: [
      { Name: "sub", Value: "s1" },
      { Name: null, Value: "x" },
      { Name: "email", Value: null },
    ],
    UserStatus: null,
    Enabled: null,
    UserCreateDate: 1_700_000_000.1236,
    UserLastModifiedDate: null,
  };
  const body = { Users: [row, { ...row, Attributes: null }], PaginationToken: null };
  double.faults.add({
    match: { operation: "ListUsers" },
    times: 1,
    effect: { kind: "status", status: 200, body },
  });
  const answer = await source.listUsers(null, 60);
  const user = {
    sub: "s1",
    username: "s1",
    attributes: { sub: "s1", email: "" },
    status: "UNKNOWN",
    enabled: false,
    createdAtMs: 1_700_000_000_124,
    modifiedAtMs: 1_700_000_000_124,
    identities: [],
    identitiesBroken: false,
  };
  const bare = expect.objectContaining({
    sub: expect.stringMatching(/^nosub:[0-9a-f]{32}$/),
    attributes: {},
  });
  expect(answer).toEqual({ ok: true, value: { users: [user, bare], nextToken: null } });
});

test("a dead token is told from other refusals", async () => {
  const pool = plainPool({ users: 30 });
  const { source } = await startRig({ pool, options: { killTokensAfterPages: 2 } });
  const first = await source.listUsers(null, 10);
  const second = await source.listUsers(first.ok ? first.value.nextToken : null, 10);
  const token = second.ok ? second.value.nextToken : null;
  expect(await source.listUsers(token, 10)).toEqual({ ok: false, problem: "dead_token" });
  expect(await source.listUsers(token, 10)).toEqual({ ok: false, problem: "dead_token" });
  const { users } = await walk((next) => source.listUsers(next, 10));
  expect(users).toHaveLength(30);
});

test("a token that is dead every time stays so", async () => {
  const pool = plainPool({ users: 30 });
  const options = { killTokensAfterPages: 1, killTokens: "always" } as const;
  const { source } = await startRig({ pool, options });
  const walkOnce = () => walk((token) => source.listUsers(token, 10));
  await expect(walkOnce()).rejects.toThrow("dead_token");
  await expect(walkOnce()).rejects.toThrow("dead_token");
});

test("a restarted chain lists everybody in another order", async () => {
  const pool = plainPool({ users: 100 });
  const { source } = await startRig({ pool, options: { reshuffleOnRestart: true } });
  const first = await walk((token) => source.listUsers(token, 60));
  const second = await walk((token) => source.listUsers(token, 60));
  expect(second.users).not.toEqual(first.users);
  expect(subsOf(second.users)).toEqual(subsOf(first.users));
});

test("rows without a sub are listed under a name of their own, the same on every page", async () => {
  const pool = plainPool({ users: 5 });
  delete pool.users[1]?.attributes.sub;
  delete pool.users[3]?.attributes.sub;
  pool.groups.push({
    name: "all",
    members: pool.users.map(({ sub }) => sub),
    description: "",
    precedence: null,
  });
  const { source } = await startRig({ pool });
  const { users } = await walk((token) => source.listUsers(token, 60));
  expect(users.map(({ sub }) => sub)).toEqual(
    [0, 1, 2, 3, 4].map((index) =>
      index % 2 === 0 ? pool.users[index]?.sub : expect.stringMatching(/^nosub:[0-9a-f]{32}$/),
    ),
  );
  const again = await walk((token) => source.listUsersInGroup("all", token, 2));
  expect(subsOf(again.users)).toEqual(subsOf(users));
  expect(new Set(subsOf(users)).size).toBe(5);
});

test("an empty pool is one page without a token", async () => {
  const { source } = await startRig({ pool: poolOf({ users: [] }) });
  const page = { users: [], nextToken: null };
  expect(await source.listUsers(null, 60)).toEqual({ ok: true, value: page });
});

test("lists the members of a group over pages", async () => {
  const pool = makePool({ users: 400, seed: 3 });
  const { source } = await startRig({ pool, options: { pages: { short: true, empty: true } } });
  const { users } = await walk((token) => source.listUsersInGroup("editors", token, 20));
  const editors = pool.groups.find(({ name }) => name === "editors");
  expect(users.map(({ sub }) => sub).sort()).toEqual(editors?.members.toSorted());
});

test("describes the pool with its account and triggers", async () => {
  const pool = makePool({ users: 100, seed: 4 });
  pool.lambdaConfig.KMSKeyID = "arn:aws:kms:eu-west-1:123456789012:key/1";
  const { source } = await startRig({ pool });
  expect(await source.describePool()).toEqual({
    ok: true,
    value: {
      poolId: "eu-west-1_Sp1llway4",
      accountId: "123456789012",
      name: "customers",
      issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Sp1llway4",
      estimatedUsers: 111,
      usernameAttributes: ["email"],
      aliasAttributes: [],
      caseSensitiveUsernames: true,
      mfa: "OPTIONAL",
      attributeNames: pool.attributeNames,
      triggers: ["PostConfirmation", "UserMigration"],
      domain: "customers-example",
      customDomain: null,
    },
  });
});
