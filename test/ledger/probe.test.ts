import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { probeLedger } from "../../src/ledger/probe.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { testOnBoth } from "./ledgers.ts";

testOnBoth("a ledger that is there can be used, also while another program writes", async ({ open, url }) => {
  const ledger = await open();
  expect(await probeLedger(url)).toEqual({ ok: true, holds: "this_version" });
  await ledger.write(async (tx) => {
    await sql`update ledger_identity set id = id`.execute(tx);
    expect(await probeLedger(url)).toMatchObject({ ok: true });
  });
});

testOnBoth("a ledger of an older version can be used, and is not opened to look", async ({ open, url }) => {
  const ledger = await open();
  await ledger.write((tx) => sql`delete from spillway_migration`.execute(tx));
  expect(await probeLedger(url)).toEqual({ ok: true, holds: "unknown" });
});

testOnBoth("a ledger of a newer version cannot be used", async ({ open, url }) => {
  const ledger = await open();
  await ledger.write((tx) =>
    sql`insert into spillway_migration (name, timestamp) values ('9999_later', '2030-01-01')`.execute(tx),
  );
  expect(await probeLedger(url)).toEqual({ ok: false, sentence: expect.stringContaining("newer Spillway") });
});

test("where no ledger is yet, none is made", async () => {
  const folder = freshFolder();
  expect(await probeLedger(`sqlite:${join(folder, "ledger.db")}?max_page_count=9`)).toEqual({
    ok: true,
    holds: "nothing",
  });
  expect(readdirSync(folder)).toEqual([]);
  const url = await freshPostgresDatabase();
  expect(await probeLedger(url)).toEqual({ ok: true, holds: "nothing" });
  expect(await probeLedger(url)).toEqual({ ok: true, holds: "nothing" });
});

test("a ledger that cannot be made, reached or read is told with what to do", async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, "letter.txt"), "Dear reader, this is no database. ".repeat(100));
  const sentences = [
    [`sqlite:${join(folder, "missing", "ledger.db")}`, /cannot be written: .*does not exist/],
    [`sqlite:${folder}`, /cannot be written: it is a folder; check SPILLWAY_LEDGER/],
    [`sqlite:${join(folder, "letter.txt")}`, /damaged, is no Spillway ledger/],
    ["postgres://a:b@127.0.0.1:1/c", /PostgreSQL does not answer; check SPILLWAY_LEDGER/],
  ] as const;
  for (const [url, sentence] of sentences)
    expect(await probeLedger(url), url).toEqual({ ok: false, sentence: expect.stringMatching(sentence) });
  expect(readdirSync(folder)).toEqual(["letter.txt"]);
});

test("a ledger that another program keeps locked is in use", async () => {
  const path = join(freshFolder(), "ledger.db");
  const other = new DatabaseSync(path);
  other.exec("create table t (a); begin exclusive");
  expect(await probeLedger(`sqlite:${path}`)).toEqual({ ok: true, holds: "unknown" });
  other.exec("rollback");
  other.close();
});
