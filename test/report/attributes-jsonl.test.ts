import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { vendorOf } from "../../src/destinations/registry.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { MigrationRow } from "../../src/ledger/runs.ts";
import { writeAttributesJsonl } from "../../src/report/attributes-jsonl.ts";
import { LeftBehindTally } from "../../src/report/left-behind-tally.ts";
import { outcomeSlices } from "../../src/report/outcomes.ts";
import { freshSqlite, testOnBoth } from "../ledger/ledgers.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { ownedMigration, person, seedPeople } from "./pools.ts";

async function written(ledger: Ledger, migration: MigrationRow) {
  const path = join(freshFolder(), "attributes.jsonl");
  const tally = new LeftBehindTally();
  const { recordProblems } = vendorOf("workos").rules;
  const people = outcomeSlices(ledger, migration);
  await writeAttributesJsonl(path, ledger, migration, people, recordProblems, tally);
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return { path, lines: lines.map((line) => JSON.parse(line)), counts: tally.counts() };
}

testOnBoth("whoever is at the destination keeps what did not come along", async ({ open }) => {
  const ledger = await open();
  const attributes = { "custom:plan": "plan", "custom:note": "note", locale: null };
  const migration = await ownedMigration(ledger, { attributes });
  await seedPeople(ledger, migration, {
    imported: [
      person("a", { "custom:plan": "gold", phone_number: "+31", locale: "nl" }),
      person("b", { "custom:note": "ü" }),
      person("c", { "custom:plan": "gold", given_name: "Ada", locale: "nl" }),
    ],
    merged: [[person("d", { email: "a@example.com", "custom:plan": "silver", phone_number: "+32" }), "a"]],
    skipped: [person("e", { phone_number: "+33" })],
    open: [person("f", { phone_number: "+34" })],
  });
  const { lines, counts } = await written(ledger, migration);
  expect(lines).toEqual([
    {
      cognito_sub: "a",
      destination_id: "user_a",
      attributes: { phone_number: "+31" },
      why: { phone_number: "not_mapped" },
    },
    {
      cognito_sub: "b",
      destination_id: "user_b",
      attributes: { "custom:note": "ü" },
      why: { "custom:note": "over_limit: not plain ASCII" },
    },
    {
      cognito_sub: "d",
      destination_id: "user_a",
      attributes: { "custom:plan": "silver", phone_number: "+32" },
      why: { "custom:plan": "merged", phone_number: "not_mapped" },
    },
  ]);
  expect(counts).toEqual([
    { attribute: "locale", why: "dropped_by_file", users: 2 },
    { attribute: "phone_number", why: "not_mapped", users: 2 },
    { attribute: "custom:note", why: "over_limit: not plain ASCII", users: 1 },
    { attribute: "custom:plan", why: "merged", users: 1 },
  ]);
});

test("everyone is listed once, over several slices, for the owner's eyes only", async () => {
  const ledger = await freshSqlite().open();
  const migration = await ownedMigration(ledger);
  const subs = Array.from({ length: 2_100 }, (_, index) => `s${String(index).padStart(5, "0")}`);
  const [first = "", ...others] = subs;
  await seedPeople(ledger, migration, {
    imported: [person(first, { locale: "nl" })],
    // Of each slice, the account that stands for its people is in the first one.
    merged: others.map(
      (sub) => [person(sub, { email: `${first}@example.com`, locale: "de" }), first] as const,
    ),
  });
  const { path, lines, counts } = await written(ledger, migration);
  expect(lines.map((line) => line.cognito_sub)).toEqual(subs);
  expect(new Set(lines.map((line) => line.destination_id))).toEqual(new Set([`user_${first}`]));
  expect(counts).toEqual([{ attribute: "locale", why: "not_mapped", users: 2_100 }]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
