import { expect } from "vitest";
import type { Db } from "../../src/ledger/ledger.ts";
import { keepBeforeImage, noteStanding } from "../../src/ledger/placed.ts";
import {
  clusterAfter,
  clusterSizes,
  clustersAmong,
  groupsOf,
  membersAmong,
  sourceUsersAfter,
  withPlaced,
  writeDecisions,
} from "../../src/ledger/plan.ts";
import { addGroupMembers } from "../../src/ledger/source-users.ts";
import { sourceUser, testOnBoth, upsertPages } from "./ledgers.ts";

const user = (sub: string, email: string) => sourceUser(sub, { attributes: { email } });

const RUN = { migrationId: 1, generation: 1 };

testOnBoth("users whom this run listed come by sub, and those of a cluster", async ({ open }) => {
  const ledger = await open();
  const next = { ...RUN, generation: 2 };
  const page = [user("4", "b@x.io"), user("2", "a@x.io"), user("3", "B@X.io"), user("1", "c@x.io")];
  await upsertPages(ledger, 2, [page]);
  await upsertPages(ledger, 1, [[user("9", "b@x.io"), user("0", "a@x.io")]]);
  const subs = async (question: (db: Db) => Promise<readonly { sub: string }[]>) =>
    (await ledger.read(question)).map(({ sub }) => sub);
  expect(await subs((db) => sourceUsersAfter(db, next, "", 3))).toEqual(["1", "2", "3"]);
  expect(await subs((db) => sourceUsersAfter(db, next, "3", 3))).toEqual(["4"]);
  expect(await subs((db) => clusterAfter(db, next, "b@x.io", "", 10))).toEqual(["3", "4"]);
  expect(await subs((db) => clusterAfter(db, next, "b@x.io", "3", 10))).toEqual(["4"]);
  const keys = ["a@x.io", "b@x.io", "d@x.io"];
  expect(await ledger.read((db) => clusterSizes(db, next, keys, 2))).toEqual(
    new Map([
      ["a@x.io", 1],
      ["b@x.io", 2],
      ["d@x.io", 0],
    ]),
  );
  expect(await ledger.read((db) => clusterSizes(db, next, keys, 1))).toContainEqual(["b@x.io", 1]);
  const clusters = await ledger.read((db) => clustersAmong(db, next, keys));
  expect([...clusters.keys()].sort()).toEqual(["a@x.io", "b@x.io"]);
  expect(
    clusters
      .get("b@x.io")
      ?.map(({ sub }) => sub)
      .sort(),
  ).toEqual(["3", "4"]);
});

testOnBoth("users carry what stands of them", async ({ open }) => {
  const ledger = await open();
  await upsertPages(ledger, 1, [[user("1", "a@x.io"), user("2", "b@x.io"), user("3", "c@x.io")]]);
  const fact = { destinationId: "user_1", how: "created", fingerprint: "f", details: null } as const;
  await ledger.write((tx) => noteStanding(tx, 1, [{ kind: "user", key: "1", firstClaimedAtMs: 5, ...fact }]));
  const image = {
    id: "user_2",
    externalId: null,
    email: "b@x.io",
    emailVerified: true,
    firstName: null,
    lastName: null,
    metadata: {},
    createdAtMs: 1,
    changedAtMs: 1,
  };
  await ledger.write((tx) => keepBeforeImage(tx, 1, "2", image));
  const rows = await ledger.read(async (db) => withPlaced(db, 1, await sourceUsersAfter(db, RUN, "", 10)));
  expect(rows.map(({ placed }) => placed)).toMatchObject([
    { state: "standing", how: "created", fingerprint: "f" },
    { state: "in_doubt", how: "adopted", fingerprint: null },
    undefined,
  ]);
});

testOnBoth("only the members whom the newest walk of a group saw count", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => addGroupMembers(tx, RUN, "staff", ["a", "b", "a"]));
  await ledger.write((tx) => addGroupMembers(tx, RUN, "admins", ["a"]));
  const next = { ...RUN, generation: 2 };
  await ledger.write((tx) => addGroupMembers(tx, next, "staff", ["b", "c"]));
  expect(await ledger.read((db) => groupsOf(db, RUN, ["a", "b", "x"]))).toEqual(
    new Map([["a", ["admins", "staff"]]]),
  );
  expect(await ledger.read((db) => membersAmong(db, next, "staff", ["a", "b", "c"]))).toEqual(
    new Set(["b", "c"]),
  );
});

const NOBODY = { reason: null, merge_into: null, fingerprint: null };

testOnBoth("a dry run leaves whom the run before selected", async ({ open }) => {
  const ledger = await open();
  const one = { action: "create", reason: null, mergeInto: null, fingerprint: "f" } as const;
  const none = { action: "skip", reason: "not_selected", mergeInto: null, fingerprint: null } as const;
  await ledger.write((tx) =>
    writeDecisions(tx, RUN, [
      { sub: "1", ...one },
      { sub: "2", ...none },
    ]),
  );
  await ledger.write((tx) =>
    writeDecisions(
      tx,
      { ...RUN, generation: 2 },
      [
        { sub: "1", ...none },
        { sub: "2", ...one },
        { sub: "3", ...one },
      ],
      { dryRun: true },
    ),
  );
  const rows = await ledger.read((db) =>
    db.selectFrom("plan").select(["sub", "reason", "selected_generation"]).orderBy("sub").execute(),
  );
  expect(rows).toEqual([
    { sub: "1", reason: "not_selected", selected_generation: 1 },
    { sub: "2", reason: null, selected_generation: null },
    { sub: "3", reason: null, selected_generation: null },
  ]);
});

testOnBoth("a later decision replaces the earlier one", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) =>
    writeDecisions(tx, RUN, [
      { sub: "1", action: "create", reason: null, mergeInto: null, fingerprint: "f" },
      { sub: "2", action: "merge", reason: "merged_same_email", mergeInto: "1", fingerprint: null },
    ]),
  );
  await ledger.write((tx) =>
    writeDecisions(tx, { ...RUN, generation: 2 }, [
      { sub: "2", action: "skip", reason: "disabled", mergeInto: null, fingerprint: null },
    ]),
  );
  // A zombie of the first run comes too late.
  await ledger.write((tx) =>
    writeDecisions(tx, RUN, [
      { sub: "2", action: "create", reason: null, mergeInto: null, fingerprint: "g" },
    ]),
  );
  const rows = await ledger.read((db) => db.selectFrom("plan").selectAll().orderBy("sub").execute());
  expect(rows.map(({ migration_id, ...row }) => row)).toEqual([
    { ...NOBODY, sub: "1", action: "create", fingerprint: "f", selected_generation: 1, generation: 1 },
    { ...NOBODY, sub: "2", action: "skip", reason: "disabled", selected_generation: 2, generation: 2 },
  ]);
});
