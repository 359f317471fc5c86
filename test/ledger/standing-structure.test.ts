import { expect } from "vitest";
import { type Fact, noteDoubts, noteMadeAnew, noteRemoved, noteStanding } from "../../src/ledger/placed.ts";
import { writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import { externalIdsTried, renamedAmong } from "../../src/ledger/standing-structure.ts";
import { fingerprintOf } from "../../src/plan/fingerprint.ts";
import { testOnBoth } from "./ledgers.ts";

const standing = (key: string, change: Partial<Fact> = {}): Fact => ({
  kind: "organization",
  key,
  destinationId: `org_${key}`,
  how: "already_there",
  fingerprint: null,
  details: { externalId: key },
  firstClaimedAtMs: 5,
  ...change,
});
const now = (...pairs: [key: string, externalId: string][]) => new Map(pairs);

testOnBoth("what stands under another external id than it has now is renamed", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) =>
    noteStanding(
      tx,
      1,
      ["same", "other", "gone"].map((key) => standing(key)),
    ),
  );
  await ledger.write((tx) => noteRemoved(tx, 1, "organization", "gone"));
  const asked = now(["same", "same"], ["other", "crm-7"], ["gone", "crm-8"], ["new", "new"]);
  expect(await ledger.read((db) => renamedAmong(db, 1, asked))).toEqual(["other"]);
  const organization = { kind: "organization", key: "other" } as const;
  await ledger.write((tx) => noteMadeAnew(tx, 1, organization, "org_7", { externalId: "crm-7" }));
  expect(await ledger.read((db) => renamedAmong(db, 1, asked))).toEqual([]);
});

testOnBoth("of one that was noted without its external id, what was written tells it", async ({ open }) => {
  const ledger = await open();
  const written = (externalId: string) => fingerprintOf({ externalId, name: "Acme", verifiedDomains: [] });
  await ledger.write((tx) =>
    noteStanding(tx, 1, [
      standing("made", { how: "created", details: null, fingerprint: written("made") }),
      standing("found", { details: null }),
    ]),
  );
  const renamed = (...pairs: [string, string][]) => ledger.read((db) => renamedAmong(db, 1, now(...pairs)));
  expect(await renamed(["made", "made"], ["found", "found"])).toEqual([]);
  // Of the found one nobody knows.
  expect(await renamed(["made", "crm-7"], ["found", "crm-8"])).toEqual(["made"]);
});

testOnBoth("one in doubt is renamed where the plan had it under another external id", async ({ open }) => {
  const ledger = await open();
  const keys = ["same", "other", "unplanned"];
  const planned = ["same", "other", "new"].map((key) => ({
    ...({ kind: "organization", key } as const),
    data: { externalId: key, name: key, verifiedDomains: [] },
  }));
  await ledger.write(async (tx) => {
    await writePlannedObjects(tx, { migrationId: 1, generation: 1 }, "structure", planned);
    const doubts = keys.map((key) => ({ kind: "organization", key, firstClaimedAtMs: 5 }) as const);
    await noteDoubts(tx, 1, doubts);
  });
  const asked = now(["same", "same"], ["other", "crm-7"], ["unplanned", "crm-8"], ["new", "crm-9"]);
  expect(await ledger.read((db) => renamedAmong(db, 1, asked))).toEqual(["other"]);
  expect(await ledger.read((db) => externalIdsTried(db, 1, [...asked.keys()]))).toEqual(
    now(["same", "same"], ["other", "other"]),
  );
});
