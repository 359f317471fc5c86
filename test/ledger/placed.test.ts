import { expect } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import {
  type Fact,
  keepBeforeImage,
  noteDoubts,
  noteMadeAnew,
  noteRemoved,
  noteSeen,
  noteStanding,
  placedAfter,
  placedAmong,
  standingIds,
} from "../../src/ledger/placed.ts";
import { testOnBoth } from "./ledgers.ts";

const fact = (key: string, change: Partial<Fact> = {}): Fact => ({
  kind: "user",
  key,
  destinationId: `user_${key}`,
  how: "created",
  fingerprint: "f",
  details: null,
  firstClaimedAtMs: 5,
  ...change,
});
const stand = (ledger: Ledger, ...facts: Fact[]) => ledger.write((tx) => noteStanding(tx, 1, facts));
const one = async (ledger: Ledger, key: string) =>
  (await ledger.read((db) => placedAmong(db, 1, "user", [key]))).get(key);
const IMAGE = {
  id: "user_before",
  externalId: null,
  email: "a@x.io",
  emailVerified: true,
  firstName: "Ada",
  lastName: null,
  metadata: {},
  createdAtMs: 1,
  changedAtMs: 1,
};

testOnBoth("what is found once more keeps who made it, and what was written", async ({ open }) => {
  const ledger = await open();
  await stand(ledger, fact("a"));
  await stand(ledger, fact("a", { how: "already_there", fingerprint: null, firstClaimedAtMs: 9 }));
  expect(await one(ledger, "a")).toMatchObject({ how: "created", fingerprint: "f", firstClaimedAtMs: 5 });
});

testOnBoth("a doubt never overrules what is known", async ({ open }) => {
  const ledger = await open();
  await stand(ledger, fact("a"), fact("b"));
  await ledger.write((tx) => noteRemoved(tx, 1, "user", "b"));
  const doubts = ["a", "b", "c"].map((key) => ({ kind: "user" as const, key, firstClaimedAtMs: 7 }));
  await ledger.write((tx) => noteDoubts(tx, 1, doubts));
  const states = [];
  for (const key of ["a", "b", "c"]) states.push((await one(ledger, key))?.state);
  expect(states).toEqual(["standing", "removed", "in_doubt"]);
  expect(await ledger.read((db) => standingIds(db, 1, "user", ["a", "b", "c"]))).toEqual(
    new Map([["a", "user_a"]]),
  );
});

testOnBoth(
  "an adoption whose answer was lost shows as one, with the image right before it",
  async ({ open }) => {
    const ledger = await open();
    await ledger.write((tx) => keepBeforeImage(tx, 1, "a", { ...IMAGE, firstName: "Earlier" }));
    // Nothing came of the first try, and the owner changed the account before the second.
    await ledger.write((tx) => keepBeforeImage(tx, 1, "a", IMAGE));
    await stand(ledger, fact("a", { how: "already_there", fingerprint: null }));
    await ledger.write((tx) => keepBeforeImage(tx, 1, "a", { ...IMAGE, firstName: "Later" }));
    expect(await one(ledger, "a")).toMatchObject({ state: "standing", how: "adopted" });
    const row = await ledger.read((db) =>
      db.selectFrom("placed").select("before_image").executeTakeFirstOrThrow(),
    );
    expect(JSON.parse(row.before_image ?? "")).toEqual(IMAGE);
  },
);

testOnBoth("what was removed and is found again stands", async ({ open }) => {
  const ledger = await open();
  await stand(ledger, fact("a"), fact("b"));
  await ledger.write((tx) => noteRemoved(tx, 1, "user", "a"));
  await ledger.write((tx) => noteSeen(tx, { migrationId: 1, generation: 4 }, "user", ["a", "x"]));
  expect(await one(ledger, "a")).toMatchObject({ state: "standing", seenGeneration: 4 });
  expect(await one(ledger, "b")).toMatchObject({ state: "standing", seenGeneration: null });
});

testOnBoth(
  "what was made anew stands under its new id, and nothing of it is Spillway's own",
  async ({ open }) => {
    const ledger = await open();
    await stand(ledger, fact("a"), fact("b"), fact("c"));
    await ledger.write((tx) => noteRemoved(tx, 1, "user", "c"));
    for (const key of ["b", "c", "x"])
      await ledger.write((tx) => noteMadeAnew(tx, 1, { kind: "user", key }, "user_anew"));
    await ledger.write((tx) => noteMadeAnew(tx, 1, { kind: "user", key: "a" }, "user_a"));
    expect(await one(ledger, "a")).toMatchObject({
      destinationId: "user_a",
      how: "created",
      fingerprint: "f",
    });
    const anew = { destinationId: "user_anew", how: "already_there", fingerprint: null };
    expect(await one(ledger, "b")).toMatchObject({ state: "standing", ...anew });
    expect(await one(ledger, "c")).toMatchObject({ state: "removed", ...anew });
  },
);

testOnBoth("kinds and migrations are apart, and walked in order of key", async ({ open }) => {
  const ledger = await open();
  await stand(ledger, fact("b"), fact("a"), fact("a", { kind: "organization", destinationId: "org_a" }));
  await ledger.write((tx) => noteStanding(tx, 2, [fact("c")]));
  const keys = async (after: string) =>
    (await ledger.read((db) => placedAfter(db, 1, "user", after, 10))).map(({ key }) => key);
  expect(await keys("")).toEqual(["a", "b"]);
  expect(await keys("a")).toEqual(["b"]);
  expect(await ledger.read((db) => standingIds(db, 1, "organization", ["a"]))).toEqual(
    new Map([["a", "org_a"]]),
  );
});
