import { expect } from "vitest";
import type { PlannedObject } from "../../src/domain/records.ts";
import { attributesOf } from "../../src/ledger/attributes.ts";
import { differencesOf, queueDifferences } from "../../src/ledger/difference.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { noteDoubts, noteRemoved, noteStanding } from "../../src/ledger/placed.ts";
import {
  objectsAfter,
  plannedAmong,
  plannedObjects,
  writePlannedObjects,
} from "../../src/ledger/planned-objects.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { sourceUser, testOnBoth, upsertPages } from "./ledgers.ts";

const RUN = { migrationId: 1, generation: 2 };
const organization = (key: string, name = key): PlannedObject => ({
  kind: "organization",
  key,
  data: { externalId: key, name },
});

testOnBoth("objects are those of the newest plan, which an earlier run does not change", async ({ open }) => {
  const ledger = await open();
  const write = (generation: number, ...objects: PlannedObject[]) =>
    ledger.write((tx) => writePlannedObjects(tx, { ...RUN, generation }, "structure", objects));
  await write(1, organization("a"), organization("b"));
  await write(2, organization("b", "B"));
  await write(1, organization("b", "zombie"));
  const found = await ledger.read((db) => objectsAfter(db, RUN, "organization", "", 10));
  expect(found.map(({ key, data, isPlanned }) => [key, JSON.parse(data), isPlanned])).toEqual([
    ["a", { externalId: "a", name: "a" }, false],
    ["b", { externalId: "b", name: "B" }, true],
  ]);
  expect(await ledger.read((db) => plannedAmong(db, RUN, "organization", ["a", "b"]))).toEqual(
    new Set(["b"]),
  );
  expect((await ledger.read((db) => plannedObjects(db, RUN, "organization"))).map(({ key }) => key)).toEqual([
    "b",
  ]);
});

testOnBoth("the queue is the difference between plan and what stands", async ({ open }) => {
  const ledger = await open();
  const objects = ["doubtful", "new", "removed", "standing"].map((key) => organization(key));
  await ledger.write(async (tx) => {
    const fact = { destinationId: "org", how: "created", fingerprint: "f", details: null } as const;
    await noteStanding(
      tx,
      1,
      ["removed", "standing"].map((key) => ({ kind: "organization", key, firstClaimedAtMs: 1, ...fact })),
    );
    await noteRemoved(tx, 1, "organization", "removed");
    await noteDoubts(tx, 1, [{ kind: "organization", key: "doubtful", firstClaimedAtMs: 9 }]);
    await writePlannedObjects(tx, RUN, "structure", objects);
    await queueDifferences(tx, RUN, "structure", await differencesOf(tx, 1, objects));
  });
  const range = { ...RUN, phase: "structure", from: 1, to: 10 } as const;
  const items = await ledger.write((tx) => claim(tx, range, 1, 10));
  expect(items).toMatchObject([
    { ordinal: 1, key: "doubtful", inDoubt: true, firstClaimedAtMs: 9 },
    { ordinal: 2, key: "new", inDoubt: false, data: JSON.stringify({ externalId: "new", name: "new" }) },
  ]);
  expect(await ledger.read((db) => phaseCounts(db, RUN, "structure"))).toEqual({
    pending: 2,
    done: 1,
    failed: 0,
    skipped: 1,
  });
});

testOnBoth("attributes are those of the migration asked for", async ({ open }) => {
  const ledger = await open();
  const user = (sub: string, attributes: Record<string, string>) => sourceUser(sub, { attributes });
  await upsertPages(ledger, 1, [[user("a", { locale: "nl" }), user("b", {})]]);
  await upsertPages(ledger, 1, [[user("a", { locale: "de" })]], 2);
  expect(await ledger.read((db) => attributesOf(db, 1, ["a", "b", "x"]))).toEqual(
    new Map([
      ["a", { locale: "nl" }],
      ["b", {}],
    ]),
  );
});
