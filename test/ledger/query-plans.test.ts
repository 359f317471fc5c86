import { sql } from "kysely";
import { expect } from "vitest";
import { membersAmong } from "../../src/ledger/plan.ts";
import { identitiesAfter, sourceUsersBySub } from "../../src/ledger/source-users.ts";
import { testOnBoth, upsertPages } from "./ledgers.ts";
import { allScans, scansOf, watched } from "./query-plans.ts";

const WHOLE = [
  "select count(*) from source_users",
  "select sub from source_users where attributes = 'x'",
  "select count(*) from source_users where migration_id = 1 and generation = 2",
  "select count(*) from source_users as u where u.migration_id = 1",
  "select sub from source_users where migration_id = 1 order by username limit 10",
  "update source_users set enabled = 1 where migration_id = 1",
  "delete from identities where user_id = 'x'",
  "select 1 from source_users u join source_users o on o.username = u.username where u.migration_id = 1 and u.sub = 'x'",
];
const SLICES = [
  "select username from source_users where migration_id = 1 and sub = 'x'",
  "select sub from source_users where migration_id = 1 and sub > 'x' order by sub limit 10",
  "select sub from source_users where migration_id = 1 order by sub limit 10",
  "select u.sub from source_users u join identities i on i.migration_id = u.migration_id and i.sub = u.sub where u.migration_id = 1 and u.sub = 'x'",
  "update source_users set enabled = 1 where migration_id = 1 and sub in ('x', 'y')",
  "select sub from identities where migration_id = 1 and (provider, user_id, sub) > ('a', 'b', 'c') order by provider, user_id, sub limit 10",
  "select u.sub from source_users u left join bridge_moves m on m.migration_id = u.migration_id and m.sub = u.sub where u.migration_id = 1 and u.sub = 'x' and m.begun_at_ms = 1",
  "select u.sub, m.begun_at_ms from source_users u left join bridge_moves m on m.migration_id = u.migration_id and m.sub = u.sub where u.migration_id = 1 and u.sub = 'x'",
  "select count(*) from findings",
];

testOnBoth("a statement that reads all of a growing table is found", async ({ open }) => {
  const ledger = await open();
  for (const text of WHOLE)
    expect(await scansOf(ledger, { sql: text, parameters: [] }), text).not.toEqual([]);
});

testOnBoth("a statement that reads a slice is not", async ({ open }) => {
  const ledger = await open();
  for (const text of SLICES) expect(await scansOf(ledger, { sql: text, parameters: [] }), text).toEqual([]);
});

testOnBoth("whatever is asked of a watched ledger is kept, with its parameters", async ({ open }) => {
  const { ledger, statements } = watched(await open());
  await ledger.read((db) => sourceUsersBySub(db, 7, ["a"]));
  await ledger.write((tx) =>
    sql`update source_users set enabled = ${1} where migration_id = ${7}`.execute(tx),
  );
  const kept = [...statements.values()];
  expect(kept.map(({ parameters }) => parameters)).toEqual([
    expect.arrayContaining([7]),
    expect.arrayContaining([1, 7]),
  ]);
  expect(await allScans(ledger, kept)).toMatchObject([{ table: "source_users" }]);
});

testOnBoth("no question about people scans a table that grows with the pool", async ({ open }) => {
  const { ledger, statements } = watched(await open());
  await upsertPages(ledger, 1, [[]]);
  await ledger.read((db) => sourceUsersBySub(db, 1, ["a"]));
  await ledger.read((db) => identitiesAfter(db, 1, null, 10));
  await ledger.read((db) => membersAmong(db, { migrationId: 1, generation: 1 }, "admins", ["a"]));
  expect(statements.size).toBeGreaterThan(2);
  expect(await allScans(ledger, statements.values())).toEqual([]);
});
