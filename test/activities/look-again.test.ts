import { expect } from "vitest";
import { lookAgain } from "../../src/activities/fan-out/look-again.ts";
import type { Answer } from "../../src/destinations/destination.ts";
import { UNTAKEN } from "../../src/destinations/untaken.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteStanding, placedAmong } from "../../src/ledger/placed.ts";
import { writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import { testOnBoth } from "../ledger/ledgers.ts";

const ACME = { key: "acme", id: "org_old" };

/** An organization that stands as `acme`, and that the newest plan knows as `crm-7`. */
async function setUp(ledger: Ledger, answers: { byId: Answer<string | null>; byExternalId?: string }) {
  await ledger.write(async (tx) => {
    const data = { externalId: "crm-7", name: "Acme", verifiedDomains: [] };
    const run = { migrationId: 1, generation: 2 };
    await writePlannedObjects(tx, run, "structure", [{ kind: "organization", key: "acme", data }]);
    const details = { externalId: "acme" };
    const how = { how: "created" as const, fingerprint: "f", details, firstClaimedAtMs: 5 };
    await noteStanding(tx, 1, [{ kind: "organization", key: "acme", destinationId: "org_old", ...how }]);
  });
  const calls: string[] = [];
  const organizations = {
    ...UNTAKEN.organizations,
    async findById(id: string) {
      calls.push(id);
      return answers.byId;
    },
    async find(externalId: string) {
      calls.push(externalId);
      return { ok: true as const, value: answers.byExternalId ?? null };
    },
  };
  const tools = { ledger, destination: { organizations }, migrationId: 1 };
  const look = () => lookAgain(tools, ACME, async () => void calls.push("slot"));
  const standing = async () =>
    (await ledger.read((db) => placedAmong(db, 1, "organization", ["acme"]))).get("acme");
  return { look, calls, standing };
}

testOnBoth("an organization whose id is there stands, whoever has its external id now", async ({ open }) => {
  const byId = { ok: true, value: "org_old" } as const;
  const { look, calls, standing } = await setUp(await open(), { byId, byExternalId: "org_other" });
  expect(await look()).toEqual({ ok: true, value: "org_old" });
  expect(calls).toEqual(["slot", "org_old"]);
  expect(await standing()).toMatchObject({ destinationId: "org_old", how: "created" });
});

testOnBoth("one whose id is gone is the one that has its external id", async ({ open }) => {
  const { look, calls, standing } = await setUp(await open(), {
    byId: { ok: true, value: null },
    byExternalId: "org_anew",
  });
  expect(await look()).toEqual({ ok: true, value: "org_anew" });
  expect(calls).toEqual(["slot", "org_old", "slot", "crm-7"]);
  expect(await standing()).toMatchObject({
    destinationId: "org_anew",
    how: "already_there",
    details: JSON.stringify({ externalId: "crm-7" }),
  });
});

testOnBoth("without an answer nothing is gone", async ({ open }) => {
  const byId = { ok: false, problem: "unavailable", code: "http_503" } as const;
  const { look, standing } = await setUp(await open(), { byId, byExternalId: "org_other" });
  expect(await look()).toEqual(byId);
  expect(await standing()).toMatchObject({ destinationId: "org_old" });
});
