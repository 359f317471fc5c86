import { sql } from "kysely";
import { expect } from "vitest";
import { isPostgres } from "../../src/ledger/dialect.ts";
import type { Db } from "../../src/ledger/ledger.ts";
import { setPace } from "../../src/ledger/pace.ts";
import { testOnBoth } from "./ledgers.ts";

const rates = (key: string) =>
  sql<{ n: number }>`select cast(count(*) as integer) as n from pace where key = ${key}`;

testOnBoth("changes that come soon are seen by everyone at once", async ({ open }) => {
  const [one, other] = [await open(), await open()];
  await one.writeSoon((tx) => setPace(tx, "a", 5));
  await one.changeSoon((db) => sql`update pace set per_second = 7 where key = 'a'`.execute(db));
  const seen = await other.read((db) => db.selectFrom("pace").select("per_second").executeTakeFirstOrThrow());
  expect(seen.per_second).toBe(7);
  await one.sync();
  await one.sync();
  expect((await other.read((db) => rates("a").execute(db))).rows).toEqual([{ n: 1 }]);
});

testOnBoth("a change that fails leaves nothing behind", async ({ open }) => {
  const ledger = await open();
  const failing = ledger.writeSoon(async (tx) => {
    await setPace(tx, "b", 5);
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect((await ledger.read((db) => rates("b").execute(db))).rows).toEqual([{ n: 0 }]);
  await ledger.write((tx) => setPace(tx, "b", 6));
  expect((await ledger.read((db) => rates("b").execute(db))).rows).toEqual([{ n: 1 }]);
});

/** How far a commit on this connection waits for the disk, in the database's own word. */
async function waitsFor(db: Db): Promise<string> {
  const setting = isPostgres(db)
    ? sql<{ level: string }>`select current_setting('synchronous_commit') as level`
    : sql<{ level: number }>`select synchronous as level from pragma_synchronous`;
  const { rows } = await setting.execute(db);
  return String(rows[0]?.level);
}

testOnBoth("what nobody may repeat waits for the disk, whatever came soon before", async ({ open }) => {
  const ledger = await open();
  const isOnDisk = ledger.kind === "sqlite" ? "2" : "on";
  for (let time = 0; time < 3; time += 1) {
    expect(await ledger.changeSoon(waitsFor)).not.toBe(isOnDisk);
    expect(await ledger.change(waitsFor)).toBe(isOnDisk);
    expect(await ledger.writeSoon(waitsFor)).not.toBe(isOnDisk);
    expect(await ledger.write(waitsFor)).toBe(isOnDisk);
  }
});
