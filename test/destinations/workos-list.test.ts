import { expect, test } from "vitest";
import type { DestinationUser } from "../../src/domain/records.ts";
import { connect, LONG_AGO, listUsers, setUp } from "./workos-setup.ts";

const people = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ email: `p${n}@example.com`, external_id: `sub-${n}` }));

test("lists everybody once, oldest first", async () => {
  const { double, workos, calls } = await setUp();
  double.seed(people(250));
  const found: DestinationUser[] = [];
  let cursor: string | null = null;
  do {
    const page = await listUsers(workos, cursor);
    if (!page.ok) throw new Error(page.problem);
    found.push(...page.value.users);
    cursor = page.value.nextCursor;
  } while (cursor !== null);
  expect(found.map((user) => user.externalId)).toEqual(people(250).map((person) => person.external_id));
  expect(calls()).toHaveLength(3);
});

test("an empty environment is one empty page", async () => {
  const { workos } = await setUp();
  expect(await listUsers(workos, null)).toEqual({
    ok: true,
    value: { users: [], unreadable: [], nextCursor: null },
  });
});

test("finds a user by our key", async () => {
  const { double, workos } = await setUp();
  const [user] = double.seed([
    { email: "Ada@example.com", external_id: "sub/1?a=b", email_verified: true, created_at: LONG_AGO },
  ]);
  expect(await workos.users.find("sub/1?a=b")).toEqual({
    ok: true,
    value: {
      id: user?.id,
      email: "ada@example.com",
      emailVerified: true,
      firstName: null,
      lastName: null,
      externalId: "sub/1?a=b",
      lastSignInAtMs: null,
      metadata: {},
      createdAtMs: Date.parse(LONG_AGO),
      changedAtMs: Date.parse(LONG_AGO),
    },
  });
  expect(await workos.users.find("nobody")).toEqual({ ok: true, value: null });
});

test("finds a user by their id, whoever has our key by now", async () => {
  const { double, workos } = await setUp();
  const [user] = double.seed([{ email: "ada@example.com", external_id: null, created_at: LONG_AGO }]);
  expect(await workos.users.findById?.(user?.id ?? "")).toMatchObject({
    ok: true,
    value: { id: user?.id, externalId: null },
  });
  expect(await workos.users.findById?.("user_gone")).toEqual({ ok: true, value: null });
});

test("an outage is not an absent user", async () => {
  const { double, workos } = await setUp();
  const body = "<html>not here</html>";
  double.faults.add({ match: {}, times: 2, effect: { kind: "status", status: 404, body } });
  double.faults.add({ match: {}, times: 1, effect: { kind: "status", status: 429, body } });
  expect(await workos.users.find("x")).toEqual({ ok: false, problem: "unavailable", code: "http_404" });
  expect(await listUsers(workos, null)).toEqual({ ok: false, problem: "unavailable", code: "http_404" });
  expect(await listUsers(workos, null)).toEqual({ ok: false, problem: "slow_down", retryAfterMs: 1_000 });
});

test("one odd row costs its page nothing, and is told", async () => {
  const { double, workos } = await setUp();
  const [ada, bob] = double.seed(people(2));
  if (ada === undefined || bob === undefined) throw new Error("Nobody was seeded.");
  const { created_at: _, ...undated } = ada;
  const data = [undated, { ...bob, id: null }, bob];
  const body = { object: "list", data, list_metadata: { before: null, after: null } };
  double.faults.add({
    match: { operation: "listUsers" },
    times: 1,
    effect: { kind: "status", status: 200, body },
  });
  expect(await listUsers(workos, null)).toMatchObject({
    ok: true,
    value: { users: [{ id: bob.id }], unreadable: [ada.id, "unknown"], nextCursor: null },
  });
});

test("a refusal, an outage and a dead cursor are told apart", async () => {
  const { double, workos } = await setUp();
  double.seed(people(1));
  const answer = (status: number, body: unknown) =>
    double.faults.add({
      match: { operation: "listUsers" },
      times: 1,
      effect: { kind: "status", status, body },
    });
  const refusal = { code: "invalid_request_parameters", message: "No." };
  answer(422, refusal);
  expect(await listUsers(workos, null)).toEqual({
    ok: false,
    problem: "refused",
    code: "invalid_request_parameters",
  });
  answer(400, { message: "No." });
  expect(await listUsers(workos, null)).toEqual({ ok: false, problem: "refused", code: "http_400" });
  answer(503, { message: "Down." });
  expect(await listUsers(workos, "user_1")).toEqual({
    ok: false,
    problem: "unavailable",
    code: "http_503",
  });
  expect(await listUsers(workos, "user_gone")).toMatchObject({ ok: false, problem: "dead_cursor" });
});

test("a page that leads to itself is refused", async () => {
  const { double, workos } = await setUp();
  const body = { object: "list", data: [], list_metadata: { before: null, after: "user_1" } };
  double.faults.add({
    match: { operation: "listUsers" },
    times: 2,
    effect: { kind: "status", status: 200, body },
  });
  expect(await listUsers(workos, null)).toMatchObject({ ok: true, value: { nextCursor: "user_1" } });
  expect(await listUsers(workos, "user_1")).toEqual({
    ok: false,
    problem: "refused",
    code: "endless_list",
  });
});

test("an address with a path is refused", () => {
  const settings = { key: "k", clientId: "c", url: "https://api.example.com/v2" };
  expect(() => connect(settings)).toThrow("without a path");
});
