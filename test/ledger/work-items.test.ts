import { expect } from "vitest";
import { FencedError } from "../../src/ledger/errors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { replanWorkItems } from "../../src/ledger/plan.ts";
import {
  claim,
  confirmClaim,
  openRanges,
  rangeCounts,
  recentFailures,
  reopen,
  type Settlement,
  settle,
  type WorkRange,
} from "../../src/ledger/work-items.ts";
import { seedItems, subOf, testOnBoth } from "./ledgers.ts";

const NOTHING = {
  inDoubt: false,
  code: null,
  message: null,
  how: null,
  destinationId: null,
  recordHash: null,
};

const done = (ordinal: number): Settlement => ({
  ...NOTHING,
  ordinal,
  state: "done",
  how: "created",
  destinationId: `user_${ordinal}`,
  recordHash: "hash",
});
const failed = (ordinal: number, code = "refused"): Settlement => ({
  ...NOTHING,
  ordinal,
  state: "failed",
  code,
  message: "in the vendor's words",
});
const putBack = (ordinal: number, inDoubt = false): Settlement => ({
  ...NOTHING,
  ordinal,
  state: "pending",
  inDoubt,
});

const take = (ledger: Ledger, range: WorkRange, fence: number, limit: number) =>
  ledger.write((tx) => claim(tx, range, fence, limit));
const write = (ledger: Ledger, range: WorkRange, fence: number, settlements: Settlement[]) =>
  ledger.write((tx) => settle(tx, range, fence, settlements));
const ordinals = (items: readonly { ordinal: number }[]) => items.map((item) => item.ordinal);

testOnBoth("claims go in order and never twice", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 5);
  const first = await take(ledger, range, 10, 3);
  expect(first).toMatchObject(
    [1, 2, 3].map((ordinal) => ({
      ordinal,
      sub: subOf(ordinal),
      inDoubt: false,
      firstClaimedAtMs: expect.any(Number),
      attempts: 1,
    })),
  );
  expect(Math.abs((first[0]?.firstClaimedAtMs ?? 0) - Date.now())).toBeLessThan(5_000);
  expect(ordinals(await take(ledger, range, 10, 3))).toEqual([4, 5]);
  expect(await take(ledger, range, 10, 3)).toEqual([]);
});

testOnBoth("a claim keeps to its range", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 10);
  await seedItems(ledger, 10, 2);
  expect(ordinals(await take(ledger, { ...range, from: 4, to: 6 }, 10, 50))).toEqual([4, 5, 6]);
  expect((await ledger.read((db) => rangeCounts(db, { ...range, migrationId: 2 }))).pending).toBe(10);
});

testOnBoth("claims at the same moment share no item", async ({ open }) => {
  const [one, other] = [await open(), await open()];
  const range = await seedItems(one, 60);
  const claims = await Promise.all(
    Array.from({ length: 12 }, (_, turn) => take(turn % 2 === 0 ? one : other, range, 10 + turn, 5)),
  );
  // A later fence may take over what an earlier one holds; whoever holds an item in the end can settle it, once.
  const settled = await Promise.allSettled(
    claims.flatMap((items, turn) => items.map((item) => write(one, range, 10 + turn, [done(item.ordinal)]))),
  );
  const counts = await one.read((db) => rangeCounts(db, range));
  expect(settled.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(counts.done);
  expect(counts.done + counts.pending).toBe(60);
});

testOnBoth("claims under one fence are disjoint", async ({ open }) => {
  const [one, other] = [await open(), await open()];
  const range = await seedItems(one, 60);
  const claims = await Promise.all(
    Array.from({ length: 12 }, (_, turn) => take(turn % 2 === 0 ? one : other, range, 10, 5)),
  );
  const all = claims.flatMap(ordinals);
  expect(new Set(all).size).toBe(all.length);
  const rest = await take(one, range, 10, 100);
  expect(all.length + rest.length).toBe(60);
});

testOnBoth("a later attempt takes over, in doubt", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 2);
  const [first] = await take(ledger, range, 10, 1);
  const again = await take(ledger, range, 20, 2);
  expect(again).toEqual([
    { ...first, inDoubt: true, attempts: 2 },
    expect.objectContaining({ ordinal: 2, inDoubt: false, attempts: 1 }),
  ]);
  await expect(write(ledger, range, 10, [done(1)])).rejects.toThrow(FencedError);
  await expect(ledger.read((db) => confirmClaim(db, range, 1, 10))).rejects.toThrow(FencedError);
  await ledger.read((db) => confirmClaim(db, range, 1, 20));
  expect(await take(ledger, range, 10, 2)).toEqual([]);
  await write(ledger, range, 20, [done(1), done(2)]);
});

testOnBoth("an earlier attempt gets nothing put back later", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 1);
  await take(ledger, range, 20, 1);
  await write(ledger, range, 20, [putBack(1, true)]);
  expect(await take(ledger, range, 10, 1)).toEqual([]);
  expect(await take(ledger, range, 20, 1)).toMatchObject([{ ordinal: 1, inDoubt: true, attempts: 2 }]);
});

testOnBoth("a refused group writes none of its outcomes", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 3);
  await take(ledger, range, 10, 3);
  await take(ledger, { ...range, from: 3 }, 20, 1);
  await expect(write(ledger, range, 10, [done(1), done(2), done(3)])).rejects.toThrow(FencedError);
  expect(await ledger.read((db) => rangeCounts(db, range))).toMatchObject({ sending: 3, done: 0 });
  expect(await ledger.read((db) => phaseCounts(db, 1, "users"))).toMatchObject({ pending: 3, done: 0 });
});

testOnBoth("what is done stays done", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 2);
  await take(ledger, range, 10, 2);
  await write(ledger, range, 10, [done(1), { ...NOTHING, ordinal: 2, state: "skipped", code: "x" }]);
  await expect(write(ledger, range, 10, [failed(1)])).rejects.toThrow(FencedError);
  expect(await take(ledger, range, 99, 2)).toEqual([]);
  await ledger.write((tx) => replanWorkItems(tx, 1, "users", [subOf(1)], "skipped"));
  const row = await ledger.read((db) =>
    db.selectFrom("work_items").selectAll().where("ordinal", "=", 1).executeTakeFirstOrThrow(),
  );
  expect(row).toMatchObject({
    state: "done",
    how: "created",
    destination_id: "user_1",
    record_hash: "hash",
    settled_at_ms: expect.any(Number),
  });
});

testOnBoth("a large group settles in one statement", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 500);
  await take(ledger, range, 10, 500);
  await write(
    ledger,
    range,
    10,
    Array.from({ length: 500 }, (_, index) => (index % 5 === 0 ? failed(index + 1) : done(index + 1))),
  );
  expect(await ledger.read((db) => rangeCounts(db, range))).toEqual({
    pending: 0,
    sending: 0,
    done: 400,
    failed: 100,
    skipped: 0,
  });
});

testOnBoth("open ranges are whole batches with open items", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 25);
  const ranges = (from: number, limit: number) =>
    ledger.read((db) => openRanges(db, 1, "users", from, 10, limit));
  expect(await ranges(1, 4)).toEqual([
    { from: 1, to: 10 },
    { from: 11, to: 20 },
    { from: 21, to: 30 },
  ]);
  await take(ledger, range, 10, 25);
  await write(
    ledger,
    range,
    10,
    [...Array(20).keys()].map((index) => done(index + 1)),
  );
  // Items in `sending` are open, too.
  expect(await ranges(1, 4)).toEqual([{ from: 21, to: 30 }]);
  expect(await ranges(31, 4)).toEqual([]);
  expect(await ranges(1, 0)).toEqual([]);
});

testOnBoth("failed items open again by their code", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 4);
  const [first] = await take(ledger, range, 10, 4);
  await write(ledger, range, 10, [
    { ...failed(1, "no_clear_answer"), inDoubt: true },
    failed(2, "other"),
    failed(3, "no_clear_answer"),
    done(4),
  ]);
  expect(await ledger.write((tx) => reopen(tx, 1, "users", "no_clear_answer"))).toBe(2);
  expect(await ledger.write((tx) => reopen(tx, 1, "users", "no_clear_answer"))).toBe(0);
  expect(await ledger.read((db) => phaseCounts(db, 1, "users"))).toEqual({
    pending: 2,
    done: 1,
    failed: 1,
    skipped: 0,
  });
  expect(await take(ledger, range, 20, 4)).toEqual([
    { ...first, attempts: 2, inDoubt: true },
    expect.objectContaining({ ordinal: 3, attempts: 2, inDoubt: false }),
  ]);
});

testOnBoth("any number of failed items opens again", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 2_100);
  for (let from = 1; from <= 2_100; from += 300) {
    const items = await take(ledger, { ...range, from }, 10, 300);
    await write(
      ledger,
      range,
      10,
      items.map((item) => failed(item.ordinal)),
    );
  }
  expect(await ledger.write((tx) => reopen(tx, 1, "users", "refused"))).toBe(2_100);
  expect(await ledger.read((db) => phaseCounts(db, 1, "users"))).toMatchObject({ pending: 2_100, failed: 0 });
});

testOnBoth("only the last outcomes are judged", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 6);
  await take(ledger, range, 10, 6);
  await write(ledger, range, 10, [failed(1, "old"), failed(2, "old")]);
  // Outcomes of one millisecond have no order, so the next ones are written in a later one.
  const writtenAtMs = Date.now();
  while (Date.now() <= writtenAtMs + 2) await ledger.read((db) => rangeCounts(db, range));
  await write(ledger, range, 10, [failed(3, "new"), done(4), failed(5, "new")]);
  const recent = (window: number) => ledger.read((db) => recentFailures(db, 1, "users", window));
  expect(await recent(3)).toEqual(new Map([["new", 2]]));
  expect(await recent(50)).toEqual(
    new Map([
      ["new", 2],
      ["old", 2],
    ]),
  );
});

testOnBoth("an item planned away while in flight stays doubtful", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 1);
  await take(ledger, range, 10, 1);
  await ledger.write((tx) => replanWorkItems(tx, 1, "users", [subOf(1)], "skipped"));
  await expect(write(ledger, range, 10, [done(1)])).rejects.toThrow(FencedError);
  await ledger.write((tx) => replanWorkItems(tx, 1, "users", [subOf(1)], "pending"));
  expect(await take(ledger, range, 20, 1)).toMatchObject([{ ordinal: 1, inDoubt: true }]);
});
