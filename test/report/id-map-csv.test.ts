import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { noteAccount } from "../../src/ledger/bridge.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { idMapFromCsv } from "../../src/tokens/index.ts";
import { freshSqlite, testOnBoth } from "../ledger/ledgers.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { ownedMigration, person, seedPeople } from "./pools.ts";

testOnBoth("every sub leads to the account that stands for the person", async ({ open }) => {
  const ledger = await open();
  const migration = await ownedMigration(ledger);
  await seedPeople(ledger, migration, {
    imported: [person("a"), person("b")],
    merged: [[person("c", { email: "a@example.com" }), "a"]],
    skipped: [person("d")],
    open: [person("e")],
  });
  // Who signed up after the walk, and came over the bridge; and who was deleted in Cognito since.
  const fact = { how: "created", fingerprint: "f", firstClaimedAtMs: 1 } as const;
  await ledger.write(async (tx) => {
    await noteAccount(tx, migration, { sub: "x", email: "x@example.com", destinationId: "user_x", ...fact });
    const gone = { kind: "user", key: "y", destinationId: "user_y", details: null, ...fact } as const;
    await noteStanding(tx, migration.id, [{ ...gone, how: "adopted" }]);
  });
  const folder = join(freshFolder(), "report");
  await writeReport(ledger, migration, folder);
  const path = join(folder, "id-map.csv");
  expect(readFileSync(path, "utf8").trimEnd().split("\n")).toEqual([
    "cognito_sub,destination_id,how",
    "a,user_a,created",
    "b,user_b,created",
    "c,user_a,merged",
    "x,user_x,created",
    "y,user_y,adopted",
  ]);
});

test("the package reads a report's id map as it is", async () => {
  const ledger = await freshSqlite().open();
  const migration = await ownedMigration(ledger);
  const merged = [person("c", { email: "a@example.com" }), "a"] as const;
  await seedPeople(ledger, migration, { imported: [person("a")], merged: [merged], open: [person("e")] });
  const folder = join(freshFolder(), "report");
  await writeReport(ledger, migration, folder);
  const idOf = await idMapFromCsv(join(folder, "id-map.csv"));
  expect(await Promise.all(["a", "c", "e"].map(idOf))).toEqual(["user_a", "user_a", null]);
});
