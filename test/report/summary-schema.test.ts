import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { summarySchemaText } from "../../src/report/summary-schema.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { freshSqlite } from "../ledger/ledgers.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { ownedMigration, person, seedPeople } from "./pools.ts";

const PUBLISHED = join(import.meta.dirname, "../../docs/summary.schema.json");

test("the published schema is that of the summary", () => {
  expect(JSON.parse(readFileSync(PUBLISHED, "utf8"))).toEqual(JSON.parse(summarySchemaText()));
});

test("a summary holds to the schema that it names, and nothing else does", async () => {
  const ledger = await freshSqlite().open();
  const migration = await ownedMigration(ledger, { passwordResets: { send: true } });
  const people = { imported: [person("a", { phone_number: "1" })], skipped: [person("b")] };
  await seedPeople(ledger, migration, people);
  const folder = join(freshFolder(), "report");
  await writeReport(ledger, migration, folder);
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const summary = read("summary.json");
  const ajv = new Ajv2020();
  addFormats.default(ajv);
  const holds = ajv.compile(read(summary.$schema));
  expect(holds(summary), JSON.stringify(holds.errors)).toBe(true);
  expect(holds({ ...summary, mode: "other" })).toBe(false);
  expect(holds({ ...summary, surplus: 1 })).toBe(false);
});
