import { expect } from "vitest";
import type { SourceUser } from "../../src/cognito/source.ts";
import { attributesOf } from "../../src/ledger/attributes.ts";
import { upsertEntities } from "../../src/ledger/entities.ts";
import { entityKindsAfter } from "../../src/ledger/entity-counts.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { membershipsAfter } from "../../src/ledger/membership-outcomes.ts";
import { upsertMemberships } from "../../src/ledger/memberships.ts";
import { addWorkItems } from "../../src/ledger/plan.ts";
import type { ItemPhase } from "../../src/phases.ts";
import { testOnBoth, upsertPages } from "./ledgers.ts";

function user(sub: string, attributes: Record<string, string>): SourceUser {
  return {
    sub,
    username: sub,
    attributes,
    status: "CONFIRMED",
    enabled: true,
    createdAtMs: 1,
    modifiedAtMs: 1,
    identities: [],
    identitiesBroken: false,
  };
}

function settleAll(ledger: Ledger, phase: ItemPhase, destinationId: string) {
  return ledger.write((tx) =>
    tx
      .updateTable("work_items")
      .set({ state: "done", destination_id: destinationId })
      .where("phase", "=", phase)
      .execute(),
  );
}

testOnBoth("attributes are those of the migration asked for", async ({ open }) => {
  const ledger = await open();
  await upsertPages(ledger, 1, [[user("a", { locale: "nl" }), user("b", {})]]);
  await upsertPages(ledger, 1, [[user("a", { locale: "de" })]], 2);
  const read = (subs: string[]) => ledger.read((db) => attributesOf(db, 1, subs));
  expect(await read(["a", "b", "x"])).toEqual(
    new Map([
      ["a", { locale: "nl" }],
      ["b", {}],
    ]),
  );
  expect(await read([])).toEqual(new Map());
});

testOnBoth("memberships come in order of their keys, from any place", async ({ open }) => {
  const ledger = await open();
  const membership = (sub: string, organization: string) => ({ sub, organization, roles: ["admin"] });
  await ledger.write((tx) =>
    upsertMemberships(tx, 1, 3, [membership("b", "x"), membership("a", "y"), membership("a", "x")]),
  );
  await ledger.write((tx) => upsertMemberships(tx, 2, 1, [membership("c", "x")]));
  await ledger.write((tx) => addWorkItems(tx, 1, "users", 0, ["a"]));
  await settleAll(ledger, "users", "user_a");
  await ledger.write((tx) => addWorkItems(tx, 1, "memberships", 0, ["a y"]));
  const keys = async (after: string, limit: number) =>
    (await ledger.read((db) => membershipsAfter(db, 1, after, limit))).map(({ key }) => key);
  expect(await keys("", 10)).toEqual(["a x", "a y", "b x"]);
  expect(await keys("", 1)).toEqual(["a x"]);
  expect(await keys("a x", 10)).toEqual(["a y", "b x"]);
  const [, second, third] = await ledger.read((db) => membershipsAfter(db, 1, "", 10));
  expect(second).toEqual({
    key: "a y",
    sub: "a",
    organization: "y",
    roles: ["admin"],
    generation: 3,
    state: "pending",
    code: null,
    userId: "user_a",
  });
  expect(third).toMatchObject({ state: null, userId: null });
});

testOnBoth("entities are walked by phase in order of their work", async ({ open }) => {
  const ledger = await open();
  const seed = async (migrationId: number, phase: ItemPhase, kinds: string[]) => {
    const entities = kinds.map((kind, index) => ({ key: `${kind}:${index}`, kind, data: {} }));
    await ledger.write((tx) => upsertEntities(tx, migrationId, phase, entities));
    const keys = entities.map(({ key }) => key);
    await ledger.write((tx) => addWorkItems(tx, migrationId, phase, 0, keys));
  };
  await seed(1, "structure", ["role", "organization", "role"]);
  await seed(1, "credentials", ["application"]);
  await seed(2, "structure", ["organization"]);
  const read = (after: number, limit: number) =>
    ledger.read((db) => entityKindsAfter(db, 1, "structure", after, limit));
  expect(await read(0, 2)).toEqual([
    { ordinal: 1, kind: "role", state: "pending" },
    { ordinal: 2, kind: "organization", state: "pending" },
  ]);
  expect(await read(2, 2)).toEqual([{ ordinal: 3, kind: "role", state: "pending" }]);
});
