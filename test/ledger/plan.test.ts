import { expect } from "vitest";
import type { SourceUser } from "../../src/cognito/source.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import {
  addWorkItems,
  lastOrdinal,
  noteChanged,
  type PlanPosition,
  replanWorkItems,
  usersByCluster,
  writeDecisions,
} from "../../src/ledger/plan.ts";
import { claim, settle } from "../../src/ledger/work-items.ts";
import { testOnBoth, upsertPages } from "./ledgers.ts";

function user(sub: string, email: string): SourceUser {
  return {
    sub,
    username: sub,
    attributes: { email },
    status: "CONFIRMED",
    enabled: true,
    createdAtMs: 1,
    modifiedAtMs: 1,
    identities: [],
    identitiesBroken: false,
  };
}

const itemOf = (ledger: Ledger, sub: string) =>
  ledger.read((db) =>
    db.selectFrom("work_items").selectAll().where("sub", "=", sub).executeTakeFirstOrThrow(),
  );

testOnBoth("users come by cluster from any place", async ({ open }) => {
  const ledger = await open();
  const page = [user("4", "b@x.io"), user("2", "a@x.io"), user("3", "B@X.io"), user("1", "c@x.io")];
  await upsertPages(ledger, 2, [page]);
  await upsertPages(ledger, 1, [[user("9", "b@x.io")]]);
  const subs = async (after: PlanPosition | null, limit: number) =>
    (await ledger.read((db) => usersByCluster(db, 1, 2, after, limit))).map((row) => row.sub);
  expect(await subs(null, 10)).toEqual(["2", "3", "4", "1"]);
  expect(await subs(null, 2)).toEqual(["2", "3"]);
  expect(await subs({ clusterKey: "b@x.io", sub: "3" }, 10)).toEqual(["4", "1"]);
  expect(await subs({ clusterKey: "b@x.io", sub: null }, 10)).toEqual(["1"]);
});

testOnBoth("users carry what was last written", async ({ open }) => {
  const ledger = await open();
  await upsertPages(ledger, 1, [[user("1", "a@x.io"), user("2", "b@x.io")]]);
  await ledger.write((tx) => addWorkItems(tx, 1, "users", 0, ["1"]));
  await ledger.write((tx) => claim(tx, { migrationId: 1, phase: "users", from: 1, to: 1 }, 1, 1));
  await ledger.write((tx) =>
    settle(tx, { migrationId: 1, phase: "users", from: 1, to: 1 }, 1, [
      {
        ordinal: 1,
        state: "done",
        inDoubt: false,
        code: null,
        message: null,
        how: "created",
        destinationId: "user_1",
        recordHash: "hash",
      },
    ]),
  );
  const rows = await ledger.read((db) => usersByCluster(db, 1, 1, null, 10));
  expect(rows.map((row) => [row.itemState, row.itemHash])).toEqual([
    ["done", "hash"],
    [null, null],
  ]);
  await ledger.write((tx) => noteChanged(tx, 1, "users", ["1", "2"]));
  expect(await itemOf(ledger, "1")).toMatchObject({ state: "done", code: "changed_after_import" });
});

testOnBoth("a later decision replaces the earlier one", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) =>
    writeDecisions(tx, 1, 1, [
      { sub: "1", action: "create", reason: null, mergeInto: null },
      { sub: "2", action: "merge", reason: "merged_same_email", mergeInto: "1" },
    ]),
  );
  await ledger.write((tx) =>
    writeDecisions(tx, 1, 2, [{ sub: "2", action: "skip", reason: "disabled", mergeInto: null }]),
  );
  const rows = await ledger.read((db) => db.selectFrom("plan").selectAll().orderBy("sub").execute());
  expect(rows.map(({ migration_id, ...row }) => row)).toEqual([
    { sub: "1", action: "create", reason: null, merge_into: null, generation: 1 },
    { sub: "2", action: "skip", reason: "disabled", merge_into: null, generation: 2 },
  ]);
});

testOnBoth("work items are numbered without gaps", async ({ open }) => {
  const ledger = await open();
  for (const subs of [["a", "b"], [], ["c"]])
    await ledger.write(async (tx) => addWorkItems(tx, 1, "users", await lastOrdinal(tx, 1, "users"), subs));
  const rows = await ledger.read((db) =>
    db.selectFrom("work_items").select(["ordinal", "sub"]).orderBy("ordinal").execute(),
  );
  expect(rows.map((row) => [row.ordinal, row.sub])).toEqual([
    [1, "a"],
    [2, "b"],
    [3, "c"],
  ]);
  expect(await ledger.read((db) => lastOrdinal(db, 2, "users"))).toBe(0);
});

testOnBoth("a person removed at the destination stays away", async ({ open }) => {
  const ledger = await open();
  const range = { migrationId: 1, phase: "users", from: 1, to: 1 } as const;
  await ledger.write((tx) => addWorkItems(tx, 1, "users", 0, ["a"]));
  await ledger.write((tx) => claim(tx, range, 1, 1));
  await ledger.write((tx) =>
    settle(tx, range, 1, [
      {
        ordinal: 1,
        state: "failed",
        inDoubt: false,
        code: "removed_at_destination",
        message: null,
        how: null,
        destinationId: null,
        recordHash: null,
      },
    ]),
  );
  await ledger.write((tx) => replanWorkItems(tx, 1, "users", ["a"], "pending"));
  expect(await itemOf(ledger, "a")).toMatchObject({ state: "failed", code: "removed_at_destination" });
});
