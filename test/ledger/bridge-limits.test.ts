import { sql } from "kysely";
import { expect } from "vitest";
import { dropOver, giveBackAll, takeOne, timesTaken } from "../../src/ledger/bridge-limits.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { testOnBoth } from "./ledgers.ts";

const WINDOW_MS = 60_000;

const take = (ledger: Ledger, key: string) => ledger.changeSoon((db) => takeOne(db, key, WINDOW_MS));
/** Every count's end comes nearer: the same as a clock that goes on. */
const letPass = (ledger: Ledger, ms: number) =>
  ledger.write((tx) => sql`update bridge_limits set until_ms = until_ms - ${sql.lit(ms)}`.execute(tx));

testOnBoth(
  "what is taken is counted by key, over connections, until the first one is over",
  async (fresh) => {
    const [one, other] = [await fresh.open(), await fresh.open()];
    expect(await take(one, "a")).toEqual({ times: 1, leftMs: expect.any(Number) });
    expect((await take(other, "a")).times).toBe(2);
    expect((await take(other, "b")).times).toBe(1);
    await letPass(one, WINDOW_MS / 2);
    const third = await take(one, "a");
    expect(third.times).toBe(3);
    expect(third.leftMs).toBeLessThanOrEqual(WINDOW_MS / 2);
    const taken = (key: string) => other.read((db) => timesTaken(db, key, WINDOW_MS));
    expect([await taken("a"), await taken("a"), await taken("nothing")]).toEqual([3, 3, 0]);
    await letPass(one, WINDOW_MS);
    expect(await taken("a")).toBe(0);
    expect((await take(one, "a")).times).toBe(1);
  },
);

testOnBoth("of many that come at once, each gets a number of its own", async ({ open }) => {
  const ledger = await open();
  const taken = await Promise.all(Array.from({ length: 20 }, () => take(ledger, "a")));
  expect(taken.map(({ times }) => times).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
});

testOnBoth("a clock that was set back holds nobody for longer than the window", async ({ open }) => {
  const ledger = await open();
  await take(ledger, "a");
  await letPass(ledger, -10 * WINDOW_MS);
  expect((await take(ledger, "a")).times).toBe(1);
});

testOnBoth("what is over is deleted in slices, and nothing else", async ({ open }) => {
  const ledger = await open();
  for (const key of ["a", "b", "c"]) await take(ledger, key);
  await letPass(ledger, WINDOW_MS);
  await take(ledger, "d");
  const drop = () => ledger.changeSoon((db) => dropOver(db, 2));
  expect([await drop(), await drop(), await drop()]).toEqual([2, 1, 0]);
  expect((await take(ledger, "d")).times).toBe(2);
});

testOnBoth("what is given back counts anew, and nothing else", async ({ open }) => {
  const ledger = await open();
  for (const key of ["a", "a", "b"]) await take(ledger, key);
  await ledger.change((db) => giveBackAll(db, "a"));
  expect([(await take(ledger, "a")).times, (await take(ledger, "b")).times]).toEqual([1, 2]);
});
