import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readMigration } from "../../src/ledger/runs.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { testOnBoth } from "../ledger/ledgers.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { ownedMigration, person, seedPeople } from "./pools.ts";

testOnBoth("a plan tells what a run would do: nobody is open", async ({ open }) => {
  const ledger = await open();
  const migration = await ownedMigration(ledger, { dryRun: true, passwordResets: { send: true } });
  await seedPeople(ledger, migration, {
    imported: [person("a")],
    open: [person("b")],
    merged: [[person("c", { email: "b@example.com" }), "b"]],
    skipped: [person("d")],
  });
  // A dry run makes no queue.
  await ledger.write((tx) => tx.deleteFrom("work_items").execute());
  const folder = join(freshFolder(), "report");
  const summary = await writeReport(ledger, migration, folder);
  expect(summary).toMatchObject({
    mode: "plan",
    listed: 4,
    byOutcome: { imported: 2, merged: 1, skipped: 1, failed: 0, open: 0 },
    resets: { mailed: 2, open: 0 },
  });
  const read = (name: string) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
  expect(read("users.csv").map((line) => line.split(",").slice(0, 4).join(","))).toEqual([
    "cognito_sub,outcome,reason,destination_id",
    "a,imported,,user_a",
    "b,imported,,",
    "c,merged,merged_same_email,",
    "d,skipped,disabled,",
  ]);
  expect(read("users.csv")[2]).toBe("b,imported,,,,A run would import them.,plan");
  for (const name of ["users.csv", "resets.csv"])
    for (const line of read(name).slice(1)) expect(line).toMatch(/,plan$/);
  expect(read("resets.csv").map((line) => line.split(",").slice(0, 3).join(","))).toEqual([
    "cognito_sub,destination_user_id,outcome",
    "a,user_a,mailed",
    "b,,mailed",
  ]);
  expect(read("handoff.md").join("\n")).toContain("by this run or an earlier one | 2 |");
  expect(read("id-map.csv").slice(1)).toEqual(["a,user_a,created"]);
  expect(read("handoff.md").join("\n")).toContain("**This is a plan.** Nothing was written");
});

testOnBoth("whom a plan has not come to yet stays open", async ({ open }) => {
  const ledger = await open();
  const migration = await ownedMigration(ledger, { dryRun: true });
  await seedPeople(ledger, migration, { open: [person("a"), person("b")] });
  await ledger.write((tx) => tx.deleteFrom("plan").where("sub", "=", "b").execute());
  const row = await ledger.read((db) => readMigration(db, migration.id));
  const { byOutcome, result } = await writeReport(ledger, row, join(freshFolder(), "report"));
  expect(byOutcome).toMatchObject({ imported: 1, open: 1 });
  expect(result).toBe("unfinished");
});
