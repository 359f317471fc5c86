import { sql } from "kysely";
import { expect } from "vitest";
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
