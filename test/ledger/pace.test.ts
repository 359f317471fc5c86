import fc from "fast-check";
import { sql } from "kysely";
import { expect } from "vitest";
import { ledgerNowMs } from "../../src/ledger/dialect.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import {
  blockPace,
  debit,
  PACE_HORIZON_MS,
  readPace,
  reserve,
  reserveAt,
  setPace,
} from "../../src/ledger/pace.ts";
import { testOnBoth } from "./ledgers.ts";

const ROUNDING_MS = 0.001;

const ask = fc.record({
  /** Which rows are asked: one of them, or both together. */
  rows: fc.constantFrom("a", "b", "ab"),
  wanted: fc.integer({ min: 1, max: 60 }),
  laterMs: fc.integer({ min: 0, max: 700 }),
});
const rate = fc.double({ min: 0.5, max: 400, noNaN: true });

interface Taken {
  row: string;
  dueAtMs: number;
}

/** Plays the asks one after another, each at its time. */
async function play(
  ledger: Ledger,
  rates: Record<string, number>,
  asks: readonly { rows: string; wanted: number; laterMs: number }[],
) {
  await ledger.write(async (tx) => {
    await tx.deleteFrom("pace").execute();
    for (const [row, perSecond] of Object.entries(rates)) await setPace(tx, row, perSecond);
  });
  let nowMs = 1_700_000_000_000;
  const taken: Taken[] = [];
  for (const { rows, wanted, laterMs } of asks) {
    nowMs += laterMs;
    const { delaysMs, waitMs } = await ledger.write((tx) => reserveAt(tx, [...rows], wanted, instant(nowMs)));
    expect(delaysMs.length > 0).toBe(waitMs === 0);
    expect(delaysMs.length).toBeLessThanOrEqual(wanted);
    for (const delayMs of delaysMs) {
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThanOrEqual(PACE_HORIZON_MS);
      taken.push(...[...rows].map((row) => ({ row, dueAtMs: nowMs + delayMs })));
    }
  }
  return taken;
}

function instant(nowMs: number) {
  return sql<number>`cast(${nowMs} as double precision)`;
}

/** The most calls of the row beyond `perSecond` in any window that begins and ends with a call. */
function burstOf(taken: readonly Taken[], row: string, perSecond: number): number {
  const due = taken.filter((slot) => slot.row === row).map((slot) => slot.dueAtMs);
  due.sort((a, b) => a - b);
  let burst = 0;
  for (const [first, start] of due.entries())
    for (const [last, end] of due.entries())
      if (last >= first)
        burst = Math.max(burst, last - first + 1 - ((end - start + ROUNDING_MS) * perSecond) / 1_000);
  return burst;
}

testOnBoth("no window holds more than the rate allows", async ({ open }) => {
  const ledger = await open();
  await fc.assert(
    fc.asyncProperty(rate, fc.array(ask, { maxLength: 15 }), async (perSecond, asks) => {
      const alone = asks.map((one) => ({ ...one, rows: "a" }));
      expect(burstOf(await play(ledger, { a: perSecond }, alone), "a", perSecond)).toBeLessThanOrEqual(1.01);
    }),
    { numRuns: 60 },
  );
});

testOnBoth("rows asked together exceed by the horizon at most", async ({ open }) => {
  const ledger = await open();
  await fc.assert(
    fc.asyncProperty(rate, rate, fc.array(ask, { maxLength: 15 }), async (a, b, asks) => {
      const taken = await play(ledger, { a, b }, asks);
      const horizon = (perSecond: number) => 1.01 + (perSecond * PACE_HORIZON_MS) / 1_000;
      expect(burstOf(taken, "a", a)).toBeLessThanOrEqual(horizon(a));
      expect(burstOf(taken, "b", b)).toBeLessThanOrEqual(horizon(b));
    }),
    { numRuns: 60 },
  );
});

testOnBoth("many takers together get exactly the rate", async ({ open }) => {
  const ledger = await open();
  await fc.assert(
    fc.asyncProperty(rate, fc.integer({ min: 1, max: 40 }), async (perSecond, wanted) => {
      const asks = Array.from({ length: 100 }, () => ({ rows: "a", wanted, laterMs: 25 }));
      const taken = await play(ledger, { a: perSecond }, asks);
      const expected = Math.min((perSecond * 2_500) / 1_000, wanted * 100);
      expect(taken.length).toBeGreaterThanOrEqual(Math.floor(expected * 0.99) - 1);
    }),
    { numRuns: 15 },
  );
});

testOnBoth(
  "calls without a slot take half of the pace at most, and no more than there are",
  async ({ open }) => {
    const ledger = await open();
    /** Ten seconds in which somebody asks all the time, and so many calls a second go out without a slot. */
    const slotsBeside = async (callsASecond: number, wanted = 5) => {
      await ledger.write((tx) => tx.deleteFrom("pace").execute());
      await ledger.write((tx) => setPace(tx, "a", 10));
      const dueAtMs: number[] = [];
      for (let nowMs = 0; nowMs < 10_000; nowMs += 250) {
        const { delaysMs } = await ledger.write((tx) => reserveAt(tx, ["a"], wanted, instant(nowMs)));
        dueAtMs.push(...delaysMs.map((delayMs) => nowMs + delayMs));
        // What `debit` does, at this instant.
        await ledger.write((tx) => sql`update pace set owed = owed + ${callsASecond / 4}`.execute(tx));
      }
      expect(dueAtMs).toEqual(dueAtMs.toSorted((a, b) => a - b));
      return dueAtMs.length;
    };
    expect(await slotsBeside(0)).toBeGreaterThanOrEqual(100);
    const quarter = await slotsBeside(2.5);
    expect(quarter).toBeGreaterThanOrEqual(75);
    expect(quarter).toBeLessThanOrEqual(80);
    for (const [busy, wanted] of [
      [10, 5],
      [1_000, 2],
    ] as const) {
      const slots = await slotsBeside(busy, wanted);
      expect(slots).toBeGreaterThanOrEqual(50);
      expect(slots).toBeLessThanOrEqual(54);
    }
  },
);

testOnBoth(
  "what is owed is made up for by slots that nobody takes, and holds up no new pace",
  async ({ open }) => {
    const ledger = await open();
    await ledger.write((tx) => setPace(tx, "a", 10));
    const nowMs = await ledger.read(ledgerNowMs);
    await ledger.changeSoon((db) => debit(db, "a", 8));
    const reserved = (wanted: number, afterMs: number) =>
      ledger.write((tx) => reserveAt(tx, ["a"], wanted, instant(nowMs + afterMs)));
    // Ten slots later nothing is owed.
    const { delaysMs } = await reserved(3, 10_000);
    expect(delaysMs).toEqual([0, 100, 200]);
    await ledger.write((tx) => tx.updateTable("pace").set({ next_at_ms: 0, per_second: 0.01 }).execute());
    expect((await reserve(ledger, ["a"], 1)).delaysMs).toHaveLength(1);
    await ledger.changeSoon((db) => debit(db, "a", 1));
    await ledger.write((tx) => setPace(tx, "a", 1_000));
    expect((await reserve(ledger, ["a"], 1)).delaysMs).toHaveLength(1);
  },
);

testOnBoth("a blocked row grants nothing and names its wait", async ({ open }) => {
  const ledger = await open();
  const nowMs = 1_700_000_000_000;
  await ledger.write((tx) => setPace(tx, "a", 10));
  await ledger.write((tx) =>
    tx
      .updateTable("pace")
      .set({ blocked_until_ms: nowMs + 2_000 })
      .execute(),
  );
  const reserved = (wanted: number, atMs: number) =>
    ledger.write((tx) => reserveAt(tx, ["a"], wanted, instant(atMs)));
  expect(await reserved(5, nowMs)).toEqual({ delaysMs: [], waitMs: 2_000 });
  expect(await reserved(2, nowMs + 2_000)).toEqual({ delaysMs: [0, 100], waitMs: 0 });
  expect(await reserved(1, nowMs + 2_000)).toEqual({ delaysMs: [200], waitMs: 0 });
});

testOnBoth("a reservation moves every row or none", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => setPace(tx, "writes", 10));
  await ledger.write((tx) => setPace(tx, "calls", 0.1));
  expect((await reserve(ledger, ["writes", "calls"], 4)).delaysMs).toEqual([0]);
  const second = await reserve(ledger, ["writes", "calls"], 4);
  expect(second.delaysMs).toEqual([]);
  expect(second.waitMs).toBeGreaterThan(8_000);
  // The refused reservation took nothing from the faster row: one of its slots is spent, not five.
  const { delaysMs } = await reserve(ledger, ["writes"], 1);
  expect(delaysMs[0]).toBeLessThanOrEqual(100);
});

testOnBoth("two connections share one pace exactly", async ({ open }) => {
  const [one, other] = [await open(), await open()];
  await one.write((tx) => setPace(tx, "writes", 20));
  const startedAtMs = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, turn) => reserve(turn % 2 === 0 ? one : other, ["writes"], 1)),
  );
  const elapsedMs = performance.now() - startedAtMs;
  const granted = answers.flatMap((answer) => answer.delaysMs).length;
  expect(granted).toBeGreaterThanOrEqual(10);
  expect(granted).toBeLessThanOrEqual(Math.ceil((20 * (elapsedMs + PACE_HORIZON_MS)) / 1_000) + 1);
});

testOnBoth("a new pace acts on the next reservation", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => setPace(tx, "writes", 0.01));
  expect((await reserve(ledger, ["writes"], 5)).delaysMs).toHaveLength(1);
  expect((await reserve(ledger, ["writes"], 5)).waitMs).toBeGreaterThan(90_000);
  await ledger.write((tx) => setPace(tx, "writes", 1_000));
  expect((await reserve(ledger, ["writes"], 5)).delaysMs).toHaveLength(5);
  await ledger.write((tx) => setPace(tx, "writes", 0.01));
  expect((await reserve(ledger, ["writes"], 5)).waitMs).toBeGreaterThan(90_000);
  expect(await readPace(ledger, ["writes", "reads"])).toEqual(new Map([["writes", 0.01]]));
});

testOnBoth("setting the same pace again grants nothing extra", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => setPace(tx, "writes", 1));
  let granted = 0;
  for (let round = 0; round < 10; round++) {
    granted += (await reserve(ledger, ["writes"], 10)).delaysMs.length;
    await ledger.write((tx) => setPace(tx, "writes", 1));
  }
  expect(granted).toBeLessThanOrEqual(2);
});

testOnBoth("a block holds everybody and is never shortened", async ({ open }) => {
  const [one, other] = [await open(), await open()];
  await one.write((tx) => setPace(tx, "writes", 50));
  await one.write((tx) => blockPace(tx, ["writes"], 60_000));
  await one.write((tx) => blockPace(tx, ["writes"], 1_000));
  await one.write((tx) => setPace(tx, "writes", 100));
  const { delaysMs, waitMs } = await reserve(other, ["writes"], 1);
  expect(delaysMs).toEqual([]);
  expect(waitMs).toBeGreaterThan(50_000);
});

testOnBoth("a kind of call without pace is refused", async ({ open }) => {
  const ledger = await open();
  await expect(reserve(ledger, ["unknown"], 1)).rejects.toThrow("no pace");
});

testOnBoth("a clock that was set back holds no call up", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => setPace(tx, "a", 50));
  await ledger.write((tx) => setPace(tx, "slow", 0.05));
  for (const key of ["a", "slow"]) expect((await reserve(ledger, [key], 10)).waitMs).toBe(0);
  const ahead = 2 * 60 * 60_000;
  await ledger.write(async (tx) => {
    await blockPace(tx, ["a"], 1_000);
    await sql`update pace set next_at_ms = next_at_ms + ${ahead}, blocked_until_ms = blocked_until_ms + ${ahead}`.execute(
      tx,
    );
  });
  for (const key of ["a", "slow"]) expect((await reserve(ledger, [key], 1)).waitMs).toBe(0);
  // What a slow pace sets ahead by itself is kept.
  expect((await reserve(ledger, ["slow"], 1)).waitMs).toBeGreaterThan(15_000);
});

testOnBoth("nobody is waited for longer than an hour", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => setPace(tx, "a", 50));
  await ledger.write((tx) => blockPace(tx, ["a"], 24 * 60 * 60_000));
  const { waitMs } = await reserve(ledger, ["a"], 1);
  expect(waitMs).toBeGreaterThan(59 * 60_000);
  expect(waitMs).toBeLessThanOrEqual(60 * 60_000);
});

testOnBoth("a clock that steps back a little ends no block", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => setPace(tx, "a", 50));
  await ledger.write(async (tx) => {
    await blockPace(tx, ["a"], 24 * 60 * 60_000);
    await sql`update pace set blocked_until_ms = blocked_until_ms + 2000`.execute(tx);
  });
  expect((await reserve(ledger, ["a"], 1)).waitMs).toBeGreaterThan(59 * 60_000);
});
