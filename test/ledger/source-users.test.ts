import fc from "fast-check";
import { expect } from "vitest";
import type { SourceUser } from "../../src/domain/pool.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { subsByEmail } from "../../src/ledger/lookups.ts";
import { identitiesAfter, setClusterKey, sourceUsersBySub } from "../../src/ledger/source-users.ts";
import { sourceUser, testOnBoth, upsertPages } from "./ledgers.ts";

function user(sub: string, change: Partial<SourceUser> = {}): SourceUser {
  return sourceUser(sub, {
    attributes: { sub, email: `${sub}@example.com`, email_verified: "true" },
    createdAtMs: 1_700_000_000_123,
    modifiedAtMs: 1_800_000_000_456,
    ...change,
  });
}

const upsert = (ledger: Ledger, generation: number, users: SourceUser[], migrationId = 1) =>
  upsertPages(ledger, generation, [users], migrationId);
const rowsOf = (ledger: Ledger, subs: string[]) => ledger.read((db) => sourceUsersBySub(db, 1, subs));

async function keysOf(ledger: Ledger, subs: string[]): Promise<string[]> {
  const rows = await rowsOf(ledger, subs);
  return subs.map((sub) => rows.get(sub)?.cluster_key ?? "");
}

testOnBoth("a page is kept as it was listed", async ({ open }) => {
  const ledger = await open();
  const odd = user("b", {
    username: "Some One",
    attributes: { email: "  Some.One@EXAMPLE.com ", email_verified: "True", "custom:näme": "\u0000🙂'\"" },
    status: "EXTERNAL_PROVIDER",
    enabled: false,
    identitiesBroken: true,
  });
  expect(await upsert(ledger, 1, [user("a"), odd, user("c", { attributes: {} })])).toBe(3);
  const rows = await rowsOf(ledger, ["a", "b", "c"]);
  expect(rows.get("a")).toMatchObject({
    username: "a",
    email: "a@example.com",
    email_verified: 1,
    cluster_key: "a@example.com",
    enabled: 1,
    native: 1,
    created_at_ms: 1_700_000_000_123,
    modified_at_ms: 1_800_000_000_456,
    generation: 1,
  });
  expect(rows.get("b")).toMatchObject({
    username: "Some One",
    email: "some.one@example.com",
    email_verified: 0,
    enabled: 0,
    native: 0,
    identities_broken: 1,
  });
  expect(JSON.parse(rows.get("b")?.attributes ?? "")).toEqual(odd.attributes);
  expect(rows.get("c")).toMatchObject({ email: null, cluster_key: "sub:c" });
});

testOnBoth("a repeated page counts and changes nothing", async ({ open }) => {
  const ledger = await open();
  const page = [user("a", { identities: [{ provider: "Google", userId: "1" }] }), user("b")];
  expect(await upsert(ledger, 1, page)).toBe(2);
  const before = await rowsOf(ledger, ["a", "b"]);
  expect(await upsert(ledger, 1, page)).toBe(0);
  expect(await upsert(ledger, 1, [user("b"), user("c"), user("c")])).toBe(1);
  const after = await rowsOf(ledger, ["a", "b", "c"]);
  expect(after.size).toBe(3);
  expect(after.get("a")).toEqual(before.get("a"));
  expect(await ledger.read((db) => identitiesAfter(db, 1, null, 10))).toHaveLength(1);
});

testOnBoth("pages of a group may be empty, and share users with each other", async ({ open }) => {
  const ledger = await open();
  const named = (sub: string, username: string) => user(sub, { username });
  expect(await upsertPages(ledger, 1, [[], []])).toBe(0);
  expect(await upsertPages(ledger, 1, [[], [named("a", "1"), named("b", "1")], [], [named("c", "1")]])).toBe(
    3,
  );
  expect(
    await upsertPages(ledger, 1, [
      [named("b", "2"), named("d", "2")],
      [named("d", "3"), named("b", "3")],
    ]),
  ).toBe(1);
  expect(
    await upsertPages(ledger, 2, [
      [named("a", "4"), named("e", "4")],
      [named("b", "4"), named("e", "5")],
    ]),
  ).toBe(3);
  const rows = await rowsOf(ledger, ["a", "b", "c", "d", "e"]);
  const kept = [...rows.values()].map((row) => `${row.sub}${row.username} ${row.generation}`);
  expect(kept.sort()).toEqual(["a4 2", "b4 2", "c1 1", "d3 1", "e5 2"]);
});

testOnBoth(
  "of a user who is listed twice, the identities are those of the last listing",
  async ({ open }) => {
    const ledger = await open();
    const linked = (sub: string, ...userIds: string[]) =>
      user(sub, { identities: userIds.map((userId) => ({ provider: "Google", userId })) });
    const kept = async () =>
      (await ledger.read((db) => identitiesAfter(db, 1, null, 20))).map((row) => `${row.sub}${row.user_id}`);
    await upsertPages(ledger, 1, [
      [linked("a", "1"), linked("b"), linked("c", "1", "2"), linked("d", "1")],
      [linked("c", "2", "3"), linked("e", "1"), linked("e", "2")],
      [linked("a"), linked("b", "1")],
    ]);
    expect((await kept()).sort()).toEqual(["b1", "c2", "c3", "d1", "e2"]);
    await upsertPages(ledger, 2, [[linked("b", "1"), linked("d", "2")], [linked("b")], [linked("f", "1")]]);
    expect((await kept()).sort()).toEqual(["c2", "c3", "d2", "e2", "f1"]);
  },
);

testOnBoth(
  "of a page that lists a new user twice, the identities are those of the last listing",
  async ({ open }) => {
    const ledger = await open();
    const google = { provider: "Google", userId: "1" };
    await upsert(ledger, 1, [user("a", { identities: [google] }), user("a")]);
    expect(await ledger.read((db) => identitiesAfter(db, 1, null, 10))).toEqual([]);
  },
);

testOnBoth("every text comes back as it was", async ({ open }) => {
  const ledger = await open();
  // PostgreSQL cannot keep a NUL, and Cognito's usernames have none; in attributes it is escaped.
  const text = fc
    .oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(...`"\\,{}\n\t'n N🙂`) }))
    .map((value) => value.replaceAll("\0", ""));
  const pages = fc.array(fc.array(fc.tuple(text, fc.string({ unit: "binary" })), { maxLength: 4 }), {
    maxLength: 4,
  });
  let sub = 0;
  await fc.assert(
    fc.asyncProperty(pages, async (given) => {
      const users = given.map((page) =>
        page.map(([username, note]) => {
          sub += 1;
          return user(`s${sub}`, { username, attributes: { "custom:note": note } });
        }),
      );
      await upsertPages(ledger, 1, users);
      const all = users.flat();
      const rows = await rowsOf(
        ledger,
        all.map((one) => one.sub),
      );
      for (const { sub, username, attributes } of all) {
        expect(rows.get(sub)?.username).toBe(username);
        expect(JSON.parse(rows.get(sub)?.attributes ?? "")).toEqual(attributes);
      }
    }),
    { numRuns: 60 },
  );
});

testOnBoth("a new walk sees everybody anew", async ({ open }) => {
  const ledger = await open();
  await upsert(ledger, 1, [user("a", { identities: [{ provider: "Google", userId: "1" }] }), user("b")]);
  const changed = user("a", { attributes: { email: "new@example.com" }, status: "RESET_REQUIRED" });
  expect(await upsert(ledger, 2, [changed])).toBe(1);
  const rows = await rowsOf(ledger, ["a", "b"]);
  expect(rows.get("a")).toMatchObject({
    email: "new@example.com",
    email_verified: 0,
    status: "RESET_REQUIRED",
    generation: 2,
  });
  expect(rows.get("b")?.generation).toBe(1);
  expect(await ledger.read((db) => identitiesAfter(db, 1, null, 10))).toEqual([]);
});

testOnBoth("identities are read in order from anywhere", async ({ open }) => {
  const ledger = await open();
  const google = (userId: string) => ({ provider: "Google", userId });
  await upsert(ledger, 1, [
    user("b", { identities: [google("1"), { provider: "Apple", userId: "9" }] }),
    user("a", { identities: [google("1"), google("1"), google("2")] }),
  ]);
  await upsert(ledger, 1, [user("x", { identities: [google("1")] })], 2);
  const all = await ledger.read((db) => identitiesAfter(db, 1, null, 10));
  expect(all.map((row) => `${row.provider} ${row.user_id} ${row.sub}`)).toEqual([
    "Apple 9 b",
    "Google 1 a",
    "Google 1 b",
    "Google 2 a",
  ]);
  expect(await ledger.read((db) => identitiesAfter(db, 1, all[1] ?? null, 1))).toEqual([all[2]]);
});

testOnBoth("a verified link brings its whole cluster along", async ({ open }) => {
  const ledger = await open();
  const mail = (email: string, verified: boolean) => ({ email, email_verified: String(verified) });
  await upsert(ledger, 1, [
    user("a", { attributes: {} }),
    user("b", { attributes: mail("b@example.com", true) }),
    user("c", { attributes: mail("b@example.com", true) }),
    user("d", { attributes: mail("b@example.com", false) }),
    user("e"),
  ]);
  await ledger.write((tx) => setClusterKey(tx, 1, ["a", "b"], "sub:a"));
  expect(await keysOf(ledger, ["a", "b", "c", "d", "e"])).toEqual([
    "sub:a",
    "sub:a",
    "sub:a",
    "sub:a",
    "e@example.com",
  ]);
});

testOnBoth("an unverified link comes alone", async ({ open }) => {
  const ledger = await open();
  const unverified = { email: "b@example.com", email_verified: "false" };
  await upsert(ledger, 1, [user("a"), user("b"), user("u", { attributes: unverified })]);
  await ledger.write((tx) => setClusterKey(tx, 1, ["a", "u"], "a@example.com"));
  expect(await keysOf(ledger, ["a", "b", "u"])).toEqual(["a@example.com", "b@example.com", "a@example.com"]);
});

testOnBoth("people are found by their address, linked to another account or not", async ({ open }) => {
  const ledger = await open();
  const sharing = { attributes: { email: "a@example.com", email_verified: "false" } };
  await upsert(ledger, 1, [user("gone", sharing)]);
  await upsert(ledger, 2, [user("a"), user("b"), user("linked", sharing)]);
  await ledger.write((tx) => setClusterKey(tx, 1, ["linked"], "b@example.com"));
  const found = (email: string) => ledger.read((db) => subsByEmail(db, { id: 1, generation: 2 }, email));
  expect(await found("a@example.com")).toEqual(["a", "linked"]);
  expect(await found("b@example.com")).toEqual(["b"]);
});
