import { expect, test } from "vitest";
import type { Db, Ledger } from "../../src/ledger/ledger.ts";
import { indexClusters, membersAmong, usersByCluster } from "../../src/ledger/plan.ts";
import { identitiesAfter, sourceUsersBySub } from "../../src/ledger/source-users.ts";
import { fillSource, largeSub } from "./large.ts";
import { type Fresh, freshPostgres, freshSqlite } from "./ledgers.ts";
import { allScans, type Scan, watched } from "./query-plans.ts";

const USERS = 1_000_000;
const GROUPS_EACH = 3;
const LONG_TEST_MS = 900_000;
const MAX_STATEMENT_MS = 250;
/** The quickest of these counts: on a busy machine one of them may wait for somebody else. */
const TRIES = 3;
const SLICE = 500;
const RUN = { migrationId: 1, generation: 1 };

/** A slice in the middle of the pool, as the walks of the phases ask for it. */
const MIDDLE = Array.from({ length: SLICE }, (_, index) => largeSub(USERS / 2 + index));
const QUESTIONS: Record<string, (db: Db) => Promise<unknown>> = {
  "people by sub": (db) => sourceUsersBySub(db, 1, MIDDLE),
  "members among people": (db) => membersAmong(db, RUN, "group-50", MIDDLE),
  "identities in slices": (db) =>
    identitiesAfter(db, 1, { provider: "Corp", user_id: "5", sub: largeSub(5) }, SLICE),
  "people by cluster, from the start": (db) => usersByCluster(db, RUN, null, SLICE),
  "people by cluster, from the middle": (db) =>
    usersByCluster(db, RUN, { clusterKey: "person.5", sub: null }, SLICE),
};

/** Asks each question; the plans that the database makes of them depend on what it holds. */
async function scans(ledger: Ledger): Promise<Scan[]> {
  const { ledger: asked, statements } = watched(ledger);
  for (const question of Object.values(QUESTIONS)) await asked.read(question);
  return allScans(ledger, statements.values());
}

async function slowStatements(ledger: Ledger): Promise<string[]> {
  const slow: string[] = [];
  for (const [name, question] of Object.entries(QUESTIONS)) {
    const times: number[] = [];
    for (let tries = 0; tries < TRIES; tries += 1) {
      const begunMs = performance.now();
      await ledger.read(question);
      times.push(performance.now() - begunMs);
    }
    const quickestMs = Math.min(...times);
    if (quickestMs > MAX_STATEMENT_MS) slow.push(`${name}: ${Math.round(quickestMs)} ms`);
  }
  return slow;
}

async function askALargeLedger(fresh: Fresh): Promise<void> {
  const ledger = await fresh.open();
  await fillSource(ledger, { users: USERS, groupsEach: GROUPS_EACH });
  await ledger.write((tx) => indexClusters(tx));
  expect(await scans(ledger)).toEqual([]);
  expect(await slowStatements(ledger)).toEqual([]);
}

test("a million people in three groups each make no statement slow (SQLite)", { timeout: LONG_TEST_MS }, () =>
  askALargeLedger(freshSqlite()),
);

test(
  "a million people in three groups each make no statement slow (PostgreSQL)",
  { timeout: LONG_TEST_MS },
  async () => askALargeLedger(await freshPostgres()),
);
