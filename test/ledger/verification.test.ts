import { expect } from "vitest";
import { upsertEntities } from "../../src/ledger/entities.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { upsertMemberships } from "../../src/ledger/memberships.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { addWorkItems, planItems } from "../../src/ledger/plan.ts";
import {
  markRemoved,
  markSeen,
  nextOrganization,
  unseenBetween,
  writtenMemberships,
} from "../../src/ledger/verification.ts";
import type { ItemPhase } from "../../src/phases.ts";
import { testOnBoth } from "./ledgers.ts";

const RUN = { migrationId: 1, generation: 3 };
const PHASES: readonly ItemPhase[] = ["users", "memberships"];

/** The same three items in each phase of two migrations, all of them done. */
async function seed(ledger: Ledger) {
  const memberships = ["a", "b", "c"].map((sub) => ({ sub, organization: "x", roles: [`role-${sub}`] }));
  for (const migrationId of [1, 2]) {
    await ledger.write((tx) => upsertMemberships(tx, migrationId, 3, memberships));
    for (const phase of PHASES)
      await ledger.write((tx) => addWorkItems(tx, migrationId, phase, 0, ["a x", "b x", "c x"]));
  }
  await ledger.write((tx) =>
    tx.updateTable("work_items").set({ state: "done", settled_at_ms: 7, record_hash: "h" }).execute(),
  );
  await ledger.write((tx) =>
    tx.updateTable("phase_counts").set({ state: "done" }).where("state", "=", "pending").execute(),
  );
}

async function unseen(ledger: Ledger, phase: ItemPhase, after = 0, upTo = 3, run = RUN) {
  const rows = await ledger.read((db) => unseenBetween(db, run, phase, after, upTo));
  return rows.map(({ key }) => key);
}

testOnBoth("whoever is not seen is asked for by range, phase and generation", async ({ open }) => {
  const ledger = await open();
  await seed(ledger);
  await ledger.write((tx) => markSeen(tx, RUN, "memberships", [2]));
  await ledger.write((tx) => markSeen(tx, { ...RUN, generation: 2 }, "memberships", [3]));
  expect(await unseen(ledger, "memberships")).toEqual(["a x", "c x"]);
  expect(await unseen(ledger, "memberships", 1)).toEqual(["c x"]);
  expect(await unseen(ledger, "memberships", 0, 2)).toEqual(["a x"]);
  expect(await unseen(ledger, "users")).toEqual(["a x", "b x", "c x"]);
  expect(await unseen(ledger, "memberships", 0, 3, { ...RUN, migrationId: 2 })).toHaveLength(3);
  const [first] = await ledger.read((db) => unseenBetween(db, RUN, "memberships", 0, 3));
  expect(first).toEqual({ ordinal: 1, key: "a x", settledAtMs: 7 });
});

testOnBoth("what is removed counts as skipped once, and is never planned again", async ({ open }) => {
  const ledger = await open();
  await seed(ledger);
  for (let times = 0; times < 2; times += 1) await ledger.write((tx) => markRemoved(tx, 1, "memberships", 2));
  await ledger.write((tx) => planItems(tx, 1, "memberships", { fresh: [], known: ["a x", "b x"] }));
  const items = await ledger.read((db) =>
    db
      .selectFrom("work_items")
      .select(["migration_id", "phase", "sub", "code"])
      .where("state", "!=", "done")
      .execute(),
  );
  expect(items).toEqual([
    { migration_id: 1, phase: "memberships", sub: "b x", code: "removed_at_destination" },
  ]);
  const counts = (phase: ItemPhase) => ledger.read((db) => phaseCounts(db, 1, phase));
  expect(await counts("memberships")).toEqual({ pending: 0, done: 2, failed: 0, skipped: 1 });
  expect(await counts("users")).toMatchObject({ done: 3, skipped: 0 });
  expect(await unseen(ledger, "memberships")).toEqual(["a x", "c x"]);
});

testOnBoth("written memberships are those that are done", async ({ open }) => {
  const ledger = await open();
  await seed(ledger);
  await ledger.write((tx) => markSeen(tx, RUN, "memberships", [1]));
  await ledger.write((tx) => markRemoved(tx, 1, "memberships", 2));
  const read = (keys: string[]) => ledger.read((db) => writtenMemberships(db, 1, 3, keys));
  expect(await read(["b x", "z x"])).toEqual([]);
  expect(await read([])).toEqual([]);
  const found = await read(["a x", "b x", "c x"]);
  expect(found.toSorted((one, other) => one.ordinal - other.ordinal)).toEqual([
    {
      key: "a x",
      sub: "a",
      organization: "x",
      roles: ["role-a"],
      recordHash: "h",
      ordinal: 1,
      isSeen: true,
    },
    expect.objectContaining({ key: "c x", isSeen: false }),
  ]);
});

testOnBoth("organizations come in order of their keys, whether or not they stand", async ({ open }) => {
  const ledger = await open();
  const keys = ["organization:b", "organization:a", "role:a"];
  const entities = keys.map((key) => ({ key, kind: key.split(":")[0] ?? "", data: {} }));
  for (const phase of ["credentials", "structure"] as const) {
    await ledger.write((tx) => upsertEntities(tx, 1, phase, entities));
    await ledger.write((tx) => addWorkItems(tx, 1, phase, 0, keys));
  }
  await ledger.write((tx) =>
    tx
      .updateTable("work_items")
      .set({ state: "done", destination_id: "org_b" })
      .where("phase", "=", "structure")
      .where("sub", "=", "organization:b")
      .execute(),
  );
  const next = (phase: ItemPhase, after: string, migrationId = 1) =>
    ledger.read((db) => nextOrganization(db, migrationId, phase, after));
  expect(await next("structure", "")).toEqual({ key: "organization:a", destinationId: null });
  expect(await next("structure", "organization:a")).toEqual({
    key: "organization:b",
    destinationId: "org_b",
  });
  expect(await next("structure", "organization:b")).toBeNull();
  expect(await next("credentials", "organization:a")).toMatchObject({ destinationId: null });
  expect(await next("structure", "", 2)).toBeNull();
});
