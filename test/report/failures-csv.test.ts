import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { writeReport } from "../../src/report/write-report.ts";
import { testOnBoth } from "../ledger/ledgers.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { ownedMigration, person, seedItems, seedPeople } from "./pools.ts";

/** What the vendor said: it may hold personal data. */
const MESSAGE = "ada@example.com is taken";

testOnBoth("whoever and whatever failed or is unsettled says what to do", async ({ open }) => {
  const ledger = await open();
  const migration = await ownedMigration(ledger, { passwordResets: { send: true, unverified: "skip" } });
  await seedPeople(ledger, migration, {
    imported: [person("a"), person("b"), person("c")],
    open: [person("e"), person("f")],
    merged: [[person("g", { email: "e@example.com" }), "e"]],
  });
  await ledger.write((tx) =>
    tx
      .updateTable("work_items")
      .set({ state: "failed", code: "user_creation_error" })
      .where("key", "in", ["e"])
      .execute(),
  );
  await seedItems(ledger, migration, "structure", [
    { kind: "role", key: "admin", state: "failed", code: "no_clear_answer" },
    { kind: "organization", key: "acme", destinationId: "org_1" },
  ]);
  await seedItems(ledger, migration, "memberships", [
    { kind: "membership", key: "a acme inc", state: "failed", code: "role_unknown" },
  ]);
  await seedItems(ledger, migration, "resets", [
    { key: "a", state: "skipped", code: "unsettled" },
    { key: "b", state: "failed", code: "user_missing" },
    { key: "c", destinationId: "password_reset_1" },
  ]);
  await ledger.write((tx) => tx.updateTable("work_items").set({ message: MESSAGE }).execute());

  const folder = join(freshFolder(), "report");
  await writeReport(ledger, migration, folder);
  const text = readFileSync(join(folder, "failures.csv"), "utf8");
  const [header, ...lines] = text.trimEnd().split("\n");
  expect(header).toBe("cognito_sub,phase,what,outcome,code,what_to_do");
  const told = lines.map((line) => line.split(",").slice(0, 5).join(","));
  expect(told).toEqual([
    "e,users,account,failed,user_creation_error",
    "g,users,account,failed,user_creation_error",
    "a,resets,mail,unsettled,unsettled",
    "b,resets,mail,failed,user_missing",
    ",structure,role admin,failed,no_clear_answer",
    "a,memberships,membership of acme inc,failed,role_unknown",
  ]);
  for (const line of lines) expect(line.split(",").slice(5).join(",")).not.toBe("");
  expect(text).toContain("./spillway lookup e");
  expect(text).toContain(`./spillway redrive ${migration.file.source.userPoolId}`);
  expect(text).not.toContain(MESSAGE);
});
