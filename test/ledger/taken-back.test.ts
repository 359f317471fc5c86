import { expect } from "vitest";
import { differencesOfPerson, noteDifferences } from "../../src/ledger/differences.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { type ProviderCheck, readProviderChecks, replaceProviderChecks } from "../../src/ledger/providers.ts";
import { runOf } from "../../src/ledger/runs.ts";
import { takeBack } from "../../src/ledger/taken-back.ts";
import { membershipKey } from "../../src/plan/keys.ts";
import { ownedMigration, person, seedPeople } from "../report/pools.ts";
import { testOnBoth } from "./ledgers.ts";

testOnBoth(
  "what is taken back does not count as different any more, nor its provider as verified",
  async ({ open }) => {
    const ledger = await open();
    const migration = await ownedMigration(ledger);
    const run = runOf(migration);
    await seedPeople(ledger, migration, { imported: [person("a"), person("b")] });
    const membership = {
      kind: "membership",
      key: membershipKey({ sub: "a", organization: "acme" }),
    } as const;
    const made = { how: "created", fingerprint: null, details: null, firstClaimedAtMs: 1 } as const;
    const check: ProviderCheck = {
      ...{ name: "Corp", state: "verified", fault: null, found: null, reason: null, earlier: 0 },
    };
    await ledger.write(async (tx) => {
      await noteStanding(tx, migration.id, [
        { ...membership, ...made, destinationId: "om_1" },
        { kind: "connection", key: "Corp", ...made, destinationId: "conn_1" },
      ]);
      await noteDifferences(tx, run, [
        { kind: "user", key: "a", difference: "differs", field: "first_name" },
        { ...membership, difference: "missing", field: "" },
        { kind: "user", key: "b", difference: "differs", field: "first_name" },
      ]);
      await replaceProviderChecks(tx, run, [check, { ...check, name: "Google" }]);
    });
    await ledger.write((tx) =>
      takeBack(tx, migration.id, [
        { kind: "user", key: "a" },
        { kind: "connection", key: "Corp" },
      ]),
    );
    expect(await ledger.read((db) => differencesOfPerson(db, migration.id, "a"))).toEqual([]);
    expect(await ledger.read((db) => differencesOfPerson(db, migration.id, "b"))).toHaveLength(1);
    const checks = await ledger.read((db) => readProviderChecks(db, migration.id));
    expect(checks.map(({ name }) => name)).toEqual(["Google"]);
  },
);
