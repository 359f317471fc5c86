import { sql } from "kysely";
import { expect } from "vitest";
import { membersAmong } from "../../src/ledger/plan.ts";
import { identitiesAfter, sourceUsersBySub } from "../../src/ledger/source-users.ts";
import { fillLedger } from "./large.ts";
import { type Fresh, testOnBoth, upsertPages } from "./ledgers.ts";
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
  // Up to the end, without a limit.
  "select username from source_users where migration_id = 1 and sub > 'x'",
  // The limit is not that of what reads.
  "update work_items set state = 'done' where migration_id = 1 and generation = 1 and phase = 'users' and state in (select name from cursors where migration_id = 1 order by name limit 10)",
  // The other table is read again for each row.
  "select u.sub, m.state from source_users u left join mails m on m.migration_id = u.migration_id and m.mail_id = u.username where u.migration_id = 1 and u.sub > 'x' order by u.sub limit 10",
];
/** SQLite does not tell what it throws away. */
const WHOLE_ON_POSTGRES = [
  "select sub from source_users where migration_id = 1 and sub > 'x' and status = 'y' order by sub limit 10",
  "select sub from mails where migration_id = 1 and code = 'x' limit 10",
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
  "select sub from source_users where migration_id = 1 and sub > 'x' and sub < 'y'",
  "select ordinal from work_items where migration_id = 1 and generation = 1 and phase = 'users' and ordinal between 1 and 500",
  "select sub from source_users where migration_id = 1 and sub > 'x' and generation = 1 order by sub limit 10",
  "select count(*) from (select 1 from source_users where migration_id = 1 and sub > 'x' order by sub limit 10) as first_ones",
];

/** Where nothing is, PostgreSQL takes any way. */
async function openFilled({ open }: Fresh) {
  const ledger = await open();
  await fillLedger(ledger, { users: 500, groupsEach: 2 });
  return ledger;
}

testOnBoth("a statement that reads all of a growing table is found", async (fresh) => {
  const ledger = await openFilled(fresh);
  for (const text of WHOLE)
    expect(await scansOf(ledger, { sql: text, parameters: [] }), text).not.toEqual([]);
});

testOnBoth("one whose limit is far away is found on PostgreSQL", async (fresh) => {
  const ledger = await openFilled(fresh);
  if (ledger.kind === "sqlite") return;
  for (const text of WHOLE_ON_POSTGRES)
    expect(await scansOf(ledger, { sql: text, parameters: [] }), text).not.toEqual([]);
});

testOnBoth("a search among things of which there are few is no scan", async (fresh) => {
  const ledger = await openFilled(fresh);
  const sql = (parameter: string) =>
    `select max(data) from planned_objects where migration_id = 1 and kind = ${parameter}`;
  const parameter = ledger.kind === "sqlite" ? "?" : "$1";
  expect(await scansOf(ledger, { sql: sql(parameter), parameters: ["role"] })).toEqual([]);
  expect(await scansOf(ledger, { sql: sql(parameter), parameters: ["membership"] })).not.toEqual([]);
});

testOnBoth("a statement that reads a slice is not", async (fresh) => {
  const ledger = await openFilled(fresh);
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
