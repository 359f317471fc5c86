import { expect, test } from "vitest";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import { ODDITIES } from "../doubles/pool/oddities.ts";
import { withPasswords } from "../doubles/pool/passwords.ts";

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

test("providers change nothing about the users", () => {
  const wish = { users: 300, seed: 5 };
  const { users, groups } = makePool({ ...wish, providers: true });
  expect({ users, groups }).toEqual({ users: makePool(wish).users, groups: makePool(wish).groups });
});

test("a pool has no providers, clients and resource servers unless wished for", () => {
  const none = { identityProviders: [], clients: [], resourceServers: [], customDomain: null };
  expect(makePool({ users: 1, seed: 5 })).toMatchObject(none);
});

test("the same seed makes the same providers and clients", () => {
  const wish = { users: 1, seed: 7, providers: true };
  expect(makePool(wish)).toEqual(makePool(wish));
  const ids = (seed: number) => makePool({ ...wish, seed }).clients.map(({ id }) => id);
  expect(ids(7)).not.toEqual(ids(8));
});

test("the marker of secrets stands in every secret and nowhere else", () => {
  const pool = makePool({ users: 100, seed: 5, providers: true, secretMarker: () => MARKER });
  const secrets = [
    ...pool.clients.flatMap(({ secret }) => secret ?? []),
    ...pool.identityProviders.flatMap(({ details }) => details.client_secret ?? []),
  ];
  expect(secrets).toHaveLength(7);
  expect(secrets.filter((secret) => !secret.includes(MARKER))).toEqual([]);
  expect(new Set(secrets).size).toBe(secrets.length);
  expect(JSON.stringify(pool).split(MARKER)).toHaveLength(secrets.length + 1);
});

test("passwords change nothing else about a pool", () => {
  const pool = makePool({ users: 300, seed: 5, providers: true });
  const { users, ...rest } = withPasswords(pool, 5);
  expect(pool).toEqual(makePool({ users: 300, seed: 5, providers: true }));
  expect({ users: users.map(({ password, ...user }) => user), ...rest }).toEqual(pool);
});

test("each native, confirmed user has a password of their own", () => {
  const { users } = withPasswords(makePool({ users: 300, seed: 5 }), 5);
  const having = users.filter(({ password }) => password !== undefined);
  expect(having).toEqual(users.filter(({ status }) => status === "CONFIRMED"));
  expect(new Set(having.map(({ password }) => password)).size).toBe(having.length);
  const again = withPasswords(makePool({ users: 300, seed: 5 }), 5);
  expect(again.users).toEqual(users);
});

test("a plain pool holds verified, enabled users only", () => {
  const { users } = plainPool({ users: 50 });
  const odd = users.filter(
    ({ status, enabled, attributes }) =>
      status !== "CONFIRMED" || !enabled || attributes.email_verified !== "true",
  );
  expect(odd).toEqual([]);
});
