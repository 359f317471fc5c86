import { sql } from "kysely";
import { expect, test } from "vitest";
import { indexAges } from "../../src/ledger/campaign.ts";
import { indexClusters } from "../../src/ledger/plan.ts";
import { catalogueOf, functionsOfTheLedger, NOT_ASKED, scansOfAll } from "./catalogue/catalogue.ts";
import { beginRun } from "./catalogue/pool.ts";
import { fillLedger } from "./large.ts";
import { freshPostgres, freshSqlite } from "./ledgers.ts";

const WISH = { users: 6_000, groupsEach: 3 };

test("everything that can be asked of a ledger is in the catalogue", () => {
  const known = new Set([...Object.keys(catalogueOf(WISH)), ...Object.keys(NOT_ASKED)]);
  expect(functionsOfTheLedger().filter((name) => !known.has(name))).toEqual([]);
  expect([...known].filter((name) => !functionsOfTheLedger().includes(name))).toEqual([]);
});

test("nothing that is asked of a ledger reads all of a table that grows (SQLite)", async () => {
  const ledger = await freshSqlite().open();
  await beginRun(ledger);
  await fillLedger(ledger, WISH);
  await ledger.write(indexClusters);
  await ledger.write(indexAges);
  expect(await scansOfAll(ledger, WISH)).toEqual([]);
});

test("nothing reads all of it, whether PostgreSQL knows how full its tables are or not", async () => {
  const ledger = await (await freshPostgres()).open();
  await beginRun(ledger);
  await ledger.write(indexClusters);
  await ledger.write(indexAges);
  await fillLedger(ledger, WISH);
  expect(await scansOfAll(ledger, WISH)).toEqual([]);
  await ledger.write((tx) => sql`analyze`.execute(tx));
  expect(await scansOfAll(ledger, WISH)).toEqual([]);
});
