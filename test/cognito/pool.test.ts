import { expect, test } from "vitest";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import { ODDITIES } from "../doubles/pool/oddities.ts";

const MARKER = "markcafe";
/** Values that must keep their form, and the one that is empty on purpose. */
const isUnmarked = (name: string, value: string) =>
  ["sub", "email_verified", "phone_number_verified"].includes(name) || value === "";

test("the same seed makes the same pool", () => {
  const wish = { users: 300, seed: 7 };
  expect(makePool(wish)).toEqual(makePool(wish));
});

test("another seed makes other people", () => {
  const [first, second] = [makePool({ users: 50, seed: 1 }), makePool({ users: 50, seed: 2 })];
  expect(first.users.map(({ sub }) => sub)).not.toEqual(second.users.map(({ sub }) => sub));
});

test.each([100, 101, 250, 1_000])("a pool of %i users lacks no oddity", (users) => {
  const pool = makePool({ users, seed: users });
  const kinds = new Set(pool.users.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(["plain", ...Object.keys(ODDITIES)]));
  expect(pool.users).toHaveLength(users);
});

test("subs, usernames and unclustered addresses are unique", () => {
  const { users } = makePool({ users: 5_000, seed: 3 });
  expect(new Set(users.map(({ sub }) => sub)).size).toBe(5_000);
  expect(new Set(users.map(({ username }) => username)).size).toBe(5_000);
  const plain = users.filter(({ kind }) => kind === "plain");
  expect(new Set(plain.map(({ attributes }) => attributes.email)).size).toBe(plain.length);
});

test("the marker stands in every value and username", () => {
  const { users } = makePool({ users: 300, seed: 5, marker: () => MARKER });
  const unmarked = users.flatMap(({ kind, attributes, username }) =>
    Object.entries({ ...attributes, username })
      .filter(([name, value]) => !isUnmarked(name, value) && !value.includes(MARKER))
      .map(([name, value]) => `${kind} ${name}: ${value}`),
  );
  expect(unmarked).toEqual([]);
});

test("a plain pool holds verified, enabled users only", () => {
  const { users } = plainPool({ users: 50 });
  const odd = users.filter(
    ({ status, enabled, attributes }) =>
      status !== "CONFIRMED" || !enabled || attributes.email_verified !== "true",
  );
  expect(odd).toEqual([]);
});
