import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PlannedMembership } from "../../src/domain/records.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import { type MigrationRow, runOf } from "../../src/ledger/runs.ts";
import { membershipKey } from "../../src/plan/keys.ts";
import { writeMembershipsCsv } from "../../src/report/memberships-csv.ts";
import { freshSqlite, testOnBoth } from "../ledger/ledgers.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { type Item, ownedMigration, person, seedItems, seedPeople } from "./pools.ts";

async function csvOf(ledger: Ledger, migration: MigrationRow): Promise<string[]> {
  const path = join(freshFolder(), "memberships.csv");
  await writeMembershipsCsv(path, ledger, migration);
  return readFileSync(path, "utf8").trimEnd().split("\n");
}

function plan(ledger: Ledger, migration: MigrationRow, memberships: readonly PlannedMembership[]) {
  const objects = memberships.map((data) => ({
    kind: "membership" as const,
    key: membershipKey(data),
    data: { ...data },
  }));
  return ledger.write((tx) => writePlannedObjects(tx, runOf(migration), "memberships", objects));
}

const ITEMS: Omit<Item, "key">[] = [
  { state: "done", destinationId: "om_1" },
  { state: "failed", code: "role_unknown" },
  { state: "skipped", code: "user_not_imported" },
  { state: "pending" },
];

testOnBoth("each membership tells how it ended", async ({ open }) => {
  const ledger = await open();
  const migration = await ownedMigration(ledger);
  await seedPeople(ledger, migration, { imported: [person("a"), person("b")], open: [person("c")] });
  const memberships = ["a", "b", "c", "d"].map((sub) => ({
    sub,
    organization: "acme",
    roles: ["admin", "member"],
  }));
  await plan(ledger, migration, memberships);
  const keys = memberships.map(membershipKey);
  await seedItems(
    ledger,
    migration,
    "memberships",
    ITEMS.map((item, index) => ({ kind: "membership", key: keys[index] ?? "", ...item })),
  );
  await seedItems(ledger, migration, "structure", [
    { kind: "organization", key: "acme", destinationId: "org_1" },
  ]);
  expect(await csvOf(ledger, migration)).toEqual([
    "cognito_sub,destination_user_id,organization,organization_id,roles,outcome,reason,mode",
    "a,user_a,acme,org_1,admin member,done,,run",
    "b,user_b,acme,org_1,admin member,failed,role_unknown,run",
    "c,,acme,org_1,admin member,skipped,user_not_imported,run",
    "d,,acme,org_1,admin member,pending,,run",
  ]);
  expect((await csvOf(ledger, { ...migration, generation: 2 }))[1]).toMatch(/,done,not_in_newest_plan,run$/);
});

test("every membership is listed once, over several slices", async () => {
  const ledger = await freshSqlite().open();
  const migration = await ownedMigration(ledger);
  const memberships = Array.from({ length: 2_100 }, (_, index) => ({
    sub: `s${String(index).padStart(5, "0")}`,
    organization: "acme",
    roles: [],
  }));
  await plan(ledger, migration, memberships);
  const [, ...lines] = await csvOf(ledger, migration);
  expect(lines.map((line) => line.split(",")[0])).toEqual(memberships.map(({ sub }) => sub));
});
