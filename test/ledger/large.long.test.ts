import { sql } from "kysely";
import { expect, test } from "vitest";
import { indexAges } from "../../src/ledger/campaign.ts";
import { sampleStatistics } from "../../src/ledger/first-statistics.ts";
import { indexClusters } from "../../src/ledger/plan.ts";
import { scansOfAll, slowOf, slowOfAll } from "./catalogue/catalogue.ts";
import { beginRun, telling } from "./catalogue/pool.ts";
import { fillLedger } from "./large.ts";
import { type Fresh, freshPostgres, freshSqlite } from "./ledgers.ts";

const WISH = { users: 1_000_000, groupsEach: 3 };
const LONG_TEST_MS = 900_000;
const MAX_STATEMENT_MS = 250;

/** The plans that a database makes depend on what it holds. */
async function askALargeLedger(fresh: Fresh): Promise<void> {
  const ledger = await fresh.open();
  await beginRun(ledger);
  await fillLedger(ledger, WISH);
  await ledger.write(indexClusters);
  await ledger.write(indexAges);
  expect(await scansOfAll(ledger, WISH)).toEqual([]);
  expect(await slowOfAll(ledger, WISH, MAX_STATEMENT_MS)).toEqual([]);
  if (ledger.kind === "sqlite") return;
  // Last: PostgreSQL knows more of its tables from then on, whatever is rolled back.
  expect(await slowOf(ledger, telling(indexClusters), MAX_STATEMENT_MS)).toEqual([]);
  const sampling = telling((tx) => sampleStatistics(tx, ["placed", "work_items"]));
  expect(await slowOf(ledger, sampling, MAX_STATEMENT_MS)).toEqual([]);
  await ledger.write((tx) => sql`analyze`.execute(tx));
  expect(await scansOfAll(ledger, WISH)).toEqual([]);
}

test("a million people in three groups each make no statement slow (SQLite)", { timeout: LONG_TEST_MS }, () =>
  askALargeLedger(freshSqlite()),
);

test(
  "a million people in three groups each make no statement slow (PostgreSQL)",
  { timeout: LONG_TEST_MS },
  async () => askALargeLedger(await freshPostgres()),
);
