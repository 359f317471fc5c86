import { expect, test } from "vitest";
import type { DestinationUser } from "../../src/destinations/destination.ts";
import { createWorkos } from "../../src/destinations/workos/workos.ts";
import { LONG_AGO, setUp } from "./workos-setup.ts";

const people = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ email: `p${n}@example.com`, external_id: `sub-${n}` }));

test("lists everybody once, oldest first", async () => {
  const { double, workos, calls } = await setUp();
  double.seed(people(250));
  const found: DestinationUser[] = [];
  let cursor: string | null = null;
  do {
    const page = await workos.listUsers(cursor);
    if (!page.ok) throw new Error(page.problem);
    found.push(...page.value.users);
    cursor = page.value.nextCursor;
  } while (cursor !== null);
  expect(found.map((user) => user.externalId)).toEqual(people(250).map((person) => person.external_id));
  expect(calls()).toHaveLength(3);
});

test("an empty environment is one empty page", async () => {
  const { workos } = await setUp();
  expect(await workos.listUsers(null)).toEqual({ ok: true, value: { users: [], nextCursor: null } });
});

test("finds a user by our key", async () => {
  const { double, workos } = await setUp();
  const [user] = double.seed([
    { email: "Ada@example.com", external_id: "sub/1?a=b", email_verified: true, created_at: LONG_AGO },
  ]);
  expect(await workos.findUser("sub/1?a=b")).toEqual({
    ok: true,
    value: {
      id: user?.id,
      email: "ada@example.com",
      emailVerified: true,
      firstName: null,
      lastName: null,
      externalId: "sub/1?a=b",
      metadata: {},
      createdAtMs: Date.parse(LONG_AGO),
    },
  });
  expect(await workos.findUser("nobody")).toEqual({ ok: true, value: null });
});

test("an outage is not an absent user", async () => {
  const { double, workos } = await setUp();
  const body = "<html>not here</html>";
  double.faults.add({ match: {}, times: 2, effect: { kind: "status", status: 404, body } });
  double.faults.add({ match: {}, times: 1, effect: { kind: "status", status: 429, body } });
  expect(await workos.findUser("x")).toEqual({ ok: false, problem: "unavailable", code: "http_404" });
  expect(await workos.listUsers(null)).toEqual({ ok: false, problem: "unavailable", code: "http_404" });
  expect(await workos.listUsers(null)).toEqual({ ok: false, problem: "slow_down", retryAfterMs: 1_000 });
});

test("an address with a path is refused", () => {
  const settings = { apiKey: "k", clientId: "c", apiUrl: "https://api.example.com/v2" };
  expect(() => createWorkos(settings)).toThrow("without a path");
});
