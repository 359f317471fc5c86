import { expect } from "vitest";
import { FencedError } from "../../src/ledger/errors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { placedAmong } from "../../src/ledger/placed.ts";
import { addItems, type ClaimedItem, type Settlement, type WorkRange } from "../../src/ledger/queue.ts";
import { claim, confirmClaims } from "../../src/ledger/queue-claims.ts";
import { lastAnswers, recentFailures } from "../../src/ledger/queue-endings.ts";
import { lastOrdinal, openRanges, rangeCounts } from "../../src/ledger/queue-questions.ts";
import { closeEarlier, reopenSome } from "../../src/ledger/queue-reopening.ts";
import { overtake, settle } from "../../src/ledger/queue-settlements.ts";
import { endedAs, madeOf, seedItems, subOf, testOnBoth } from "./ledgers.ts";

const RUN = { migrationId: 1, generation: 1 };
/** An item of which only its number matters. */
const at = (ordinal: number) => ({
  ordinal,
  kind: "user" as const,
  key: subOf(ordinal),
  intent: "create" as const,
  firstClaimedAtMs: 1,
});
const done = (ordinal: number) => madeOf(at(ordinal));
const failed = (ordinal: number, code = "refused") => endedAs(at(ordinal), "failed", code);
const putBack = (ordinal: number, inDoubt = false) => endedAs(at(ordinal), "pending", null, inDoubt);

const take = (ledger: Ledger, range: WorkRange, fence: number, limit: number) =>
  ledger.write((tx) => claim(tx, range, fence, limit));
const write = (ledger: Ledger, range: WorkRange, fence: number, settlements: Settlement[]) =>
  ledger.write((tx) => settle(tx, range, fence, settlements));
const ordinals = (items: readonly { ordinal: number }[]) => items.map((item) => item.ordinal);
const placed = (ledger: Ledger, ...keys: string[]) => ledger.read((db) => placedAmong(db, 1, "user", keys));

testOnBoth("claims go in order and never twice", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 5);
  const first = await take(ledger, range, 10, 3);
  expect(first).toMatchObject(
    [1, 2, 3].map((ordinal) => ({
      ordinal,
      key: subOf(ordinal),
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
  await expect(ledger.read((db) => confirmClaims(db, range, [1], 10))).rejects.toThrow(FencedError);
  await ledger.read((db) => confirmClaims(db, range, [1, 2], 20));
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
  expect(await ledger.read((db) => phaseCounts(db, RUN, "users"))).toMatchObject({ pending: 3, done: 0 });
});

testOnBoth("what is done stays done, and stands", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 2);
  const [first, second] = await take(ledger, range, 10, 2);
  if (first === undefined || second === undefined) throw new Error("Two items were claimed.");
  await write(ledger, range, 10, [madeOf(first), endedAs(second, "skipped", "x")]);
  await expect(write(ledger, range, 10, [failed(1)])).rejects.toThrow(FencedError);
  expect(await take(ledger, range, 99, 2)).toEqual([]);
  expect(await placed(ledger, subOf(1), subOf(2))).toEqual(
    new Map([
      [
        subOf(1),
        {
          kind: "user",
          key: subOf(1),
          state: "standing",
          destinationId: `user_${subOf(1)}`,
          how: "created",
          fingerprint: "f",
          details: null,
          firstClaimedAtMs: first.firstClaimedAtMs,
          writtenAtMs: expect.any(Number),
          seenGeneration: null,
        },
      ],
    ]),
  );
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
    ledger.read((db) => openRanges(db, RUN, "users", from, 10, limit));
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
  // What lies before was given out in ranges of another size.
  expect(await ranges(24, 4)).toEqual([{ from: 24, to: 30 }]);
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
  const reopen = () => ledger.write((tx) => reopenSome(tx, RUN, "users", "no_clear_answer"));
  expect(await reopen()).toBe(2);
  expect(await reopen()).toBe(0);
  expect(await ledger.read((db) => phaseCounts(db, RUN, "users"))).toEqual({
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
  let reopened = 0;
  for (let some = 1; some > 0; reopened += some)
    some = await ledger.write((tx) => reopenSome(tx, RUN, "users", "refused"));
  expect(reopened).toBe(2_100);
  expect(await ledger.read((db) => phaseCounts(db, RUN, "users"))).toMatchObject({
    pending: 2_100,
    failed: 0,
  });
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
  const recent = (window: number) => ledger.read((db) => recentFailures(db, RUN, "users", window));
  expect(await recent(3)).toEqual(new Map([["new", 2]]));
  expect(await recent(50)).toEqual(
    new Map([
      ["new", 2],
      ["old", 2],
    ]),
  );
});

testOnBoth(
  "the last answers are told, the newest first, and which of them left a doubt",
  async ({ open }) => {
    const ledger = await open();
    const range = await seedItems(ledger, 8);
    const doubtful = (ordinal: number) => ({
      ...endedAs(at(ordinal), "skipped", "unsettled"),
      message: "http_500",
    });
    const answers = async (window = 50) => {
      const all = await ledger.read((db) => lastAnswers(db, RUN, "users", window));
      return all.map(({ ordinal, isUnclear }) => [ordinal, isUnclear]);
    };
    const later = async () => {
      const writtenAtMs = Date.now();
      while (Date.now() <= writtenAtMs + 2) await answers();
    };
    await take(ledger, range, 10, 7);
    await write(ledger, range, 10, [doubtful(1)]);
    await later();
    await write(ledger, range, 10, [done(2)]);
    await later();
    await write(ledger, range, 10, [doubtful(3), { ...doubtful(4), message: null }, failed(5)]);
    await later();
    await write(ledger, range, 10, [doubtful(6)]);
    const soFar = [
      [6, true],
      [3, true],
      [2, false],
      [1, true],
    ];
    expect(await answers()).toEqual(soFar);
    // Done in another way.
    await ledger.write((tx) => overtake(tx, RUN, "users", { kind: "user", keys: [at(8).key] }));
    expect(await answers()).toEqual(soFar);
    await later();
    await write(ledger, range, 10, [done(7)]);
    expect(await answers()).toEqual([[7, false], ...soFar]);
    expect(await answers(1)).toEqual([[7, false]]);
  },
);

testOnBoth("items are numbered without gaps, and carry an earlier doubt", async ({ open }) => {
  const ledger = await open();
  const item = (key: string, doubtSinceMs: number | null = null) =>
    ({ kind: "user", key, intent: "create", doubtSinceMs }) as const;
  for (const items of [[item("a"), item("b")], [], [item("c", 7)]])
    await ledger.write(async (tx) => addItems(tx, RUN, "users", await lastOrdinal(tx, RUN, "users"), items));
  const range: WorkRange = { ...RUN, phase: "users", from: 1, to: 9 };
  const claimed = await take(ledger, range, 1, 9);
  expect(claimed.map(({ ordinal, key, inDoubt }) => [ordinal, key, inDoubt])).toEqual([
    [1, "a", false],
    [2, "b", false],
    [3, "c", true],
  ]);
  expect(claimed[2]?.firstClaimedAtMs).toBe(7);
  expect(await ledger.read((db) => lastOrdinal(db, { ...RUN, generation: 2 }, "users"))).toBe(0);
});

testOnBoth("a person in a hundred groups is one statement like any other", async ({ open }) => {
  const ledger = await open();
  const items = Array.from({ length: 60_000 }, (_, index) => ({
    kind: "membership" as const,
    key: `sub organization-${index}`,
    intent: "create" as const,
    doubtSinceMs: null,
  }));
  await ledger.write((tx) => addItems(tx, RUN, "memberships", 0, items));
  expect((await ledger.read((db) => phaseCounts(db, RUN, "memberships"))).pending).toBe(60_000);
});

testOnBoth("a later run leaves nothing of an earlier one to claim, confirm or settle", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 5);
  const held = await take(ledger, range, 10, 3);
  const [first, second, third] = held;
  if (first === undefined || second === undefined || third === undefined)
    throw new Error("Three were claimed.");
  await write(ledger, range, 10, [madeOf(first), endedAs(second, "pending", null, true)]);
  const next = { ...RUN, generation: 2 };
  expect(await ledger.write((tx) => closeEarlier(tx, next, 4))).toBe(4);
  expect(await ledger.write((tx) => closeEarlier(tx, next, 4))).toBe(1);
  expect(await ledger.write((tx) => closeEarlier(tx, next, 4))).toBe(0);
  expect(await take(ledger, range, 20, 5)).toEqual([]);
  await expect(ledger.read((db) => confirmClaims(db, range, [3], 10))).rejects.toThrow(FencedError);
  await expect(write(ledger, range, 10, [madeOf(third)])).rejects.toThrow(FencedError);
  const known = await placed(ledger, ...[1, 2, 3, 4, 5].map(subOf));
  expect([...known.values()].map(({ key, state }) => [key, state])).toEqual([
    [subOf(1), "standing"],
    [subOf(2), "in_doubt"],
    [subOf(3), "in_doubt"],
  ]);
  expect(known.get(subOf(3))?.firstClaimedAtMs).toBe(third.firstClaimedAtMs);
  expect(await ledger.read((db) => phaseCounts(db, RUN, "users"))).toMatchObject({ pending: 0, done: 0 });
});

testOnBoth("closing earlier runs leaves the newest one alone, and other migrations", async ({ open }) => {
  const ledger = await open();
  await seedItems(ledger, 2, 1, 2);
  await seedItems(ledger, 2, 2, 1);
  expect(await ledger.write((tx) => closeEarlier(tx, { migrationId: 1, generation: 2 }, 10))).toBe(0);
  const counts = (migrationId: number, generation: number) =>
    ledger.read((db) => phaseCounts(db, { migrationId, generation }, "users"));
  expect(await counts(1, 2)).toMatchObject({ pending: 2 });
  expect(await counts(2, 1)).toMatchObject({ pending: 2 });
});

testOnBoth("an end without doubt takes an earlier doubt away, one with doubt notes it", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 3);
  const held = await take(ledger, range, 10, 3);
  const [first, second, third] = held as [ClaimedItem, ClaimedItem, ClaimedItem];
  await write(ledger, range, 10, [
    endedAs(first, "failed", "no_clear_answer", true),
    endedAs(second, "failed", "refused"),
    endedAs(third, "skipped", "exists_at_destination"),
  ]);
  expect([...(await placed(ledger, ...held.map(({ key }) => key))).values()]).toMatchObject([
    { key: subOf(1), state: "in_doubt", destinationId: null },
  ]);
  await ledger.write((tx) => reopenSome(tx, RUN, "users", "no_clear_answer"));
  const [again] = await take(ledger, range, 20, 1);
  if (again === undefined) throw new Error("It is open again.");
  await write(ledger, range, 20, [endedAs(again, "failed", "refused")]);
  expect(await placed(ledger, subOf(1))).toEqual(new Map());
});

testOnBoth("what is made in another way is done, unless it is being sent", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 3);
  await take(ledger, { ...range, to: 2 }, 10, 2);
  await write(ledger, range, 10, [failed(2)]);
  for (const ordinal of [1, 2, 3])
    await ledger.write((tx) => overtake(tx, RUN, "users", { kind: "user", keys: [subOf(ordinal)] }));
  expect(await ledger.read((db) => rangeCounts(db, range))).toMatchObject({ sending: 1, done: 2 });
  expect(await ledger.read((db) => phaseCounts(db, RUN, "users"))).toEqual({
    pending: 1,
    done: 2,
    failed: 0,
    skipped: 0,
  });
});

testOnBoth(
  "counts agree with the items, and what is done stays done, whoever meets whom",
  async ({ open }) => {
    const people = 40;
    const ledger = await open();
    const range = await seedItems(ledger, people);
    const everybody = Array.from({ length: people }, (_, index) => index + 1);
    const doneAt = new Set<number>();

    // The bridge brings people over, one transaction each, while two batches send and the run reopens what failed.
    const bridge = async () => {
      for (const ordinal of everybody)
        await ledger.write((tx) => overtake(tx, RUN, "users", { kind: "user", keys: [subOf(ordinal)] }));
    };
    const batch = async () => {
      for (let tries = 0; tries < 30; tries += 1) {
        const items = await ledger.write((tx) => claim(tx, range, 10, 3));
        const outcomes = items.map(({ ordinal }) =>
          ordinal % 3 === 0 ? failed(ordinal) : ordinal % 3 === 1 ? done(ordinal) : putBack(ordinal),
        );
        await write(ledger, range, 10, outcomes);
        for (const { item, state } of outcomes) if (state === "done") doneAt.add(item.ordinal);
      }
    };
    const reopening = async () => {
      for (let tries = 0; tries < 10; tries += 1)
        await ledger.write((tx) => reopenSome(tx, RUN, "users", "refused"));
    };
    await Promise.all([bridge(), batch(), batch(), reopening()]);

    const rows = await ledger.read((db) => rangeCounts(db, range));
    const counts = await ledger.read((db) => phaseCounts(db, RUN, "users"));
    expect(counts).toEqual({
      pending: rows.pending + rows.sending,
      done: rows.done,
      failed: rows.failed,
      skipped: rows.skipped,
    });
    expect(counts.pending + counts.done + counts.failed + counts.skipped).toBe(people);
    expect(rows.done).toBeGreaterThanOrEqual(doneAt.size);
  },
);

testOnBoth("a removal that did not take place leaves what is in doubt in doubt", async ({ open }) => {
  const ledger = await open();
  const range = await seedItems(ledger, 2);
  await take(ledger, range, 10, 2);
  const next = { ...RUN, generation: 2 };
  await ledger.write((tx) => closeEarlier(tx, next, 10));
  const keys = [subOf(1), subOf(2)];
  const before = await placed(ledger, ...keys);
  const removals = [...before.values()].map(({ kind, key, firstClaimedAtMs }) => ({
    ...{ kind, key, intent: "remove" as const },
    doubtSinceMs: firstClaimedAtMs,
  }));
  await ledger.write((tx) => addItems(tx, next, "users", 0, removals));
  const own = { ...range, generation: 2 };
  const [enabled, refused] = await take(ledger, own, 20, 2);
  if (enabled === undefined || refused === undefined) throw new Error("Nothing is open.");
  await write(ledger, own, 20, [
    endedAs(enabled, "skipped", "back_in_source"),
    endedAs(refused, "failed", "forbidden"),
  ]);
  expect(await placed(ledger, ...keys)).toEqual(before);
});
