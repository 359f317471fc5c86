import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { Pacer } from "../../src/engine/pacer.ts";
import { setPace } from "../../src/ledger/pace.ts";
import { testOnBoth } from "../ledger/ledgers.ts";

const KEY = "workos/client/writes";
const forEver = new AbortController().signal;

testOnBoth("two processes' pacers keep one rate together", async ({ open }) => {
  const ledgers = [await open(), await open()];
  const [ledger] = ledgers;
  await ledger?.write((tx) => setPace(tx, KEY, 40));
  const dueAtMs: number[] = [];
  const takers = ledgers.flatMap((one) => {
    const pacer = new Pacer(one);
    return [1, 2, 3].map(async (beganAtMs) => {
      for (let taken = 0; taken < 10; ) {
        const slots = await pacer.take([KEY], 4, { beganAtMs, signal: forEver });
        taken += slots.length;
        dueAtMs.push(...slots.map((slot) => slot.dueAtMs));
      }
    });
  });
  await Promise.all(takers);
  const spanMs = Math.max(...dueAtMs) - Math.min(...dueAtMs);
  expect(spanMs).toBeGreaterThan(((dueAtMs.length - 1) / 40) * 1_000 - 60);
});

testOnBoth("whoever began first is served first", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => setPace(tx, KEY, 20));
  const pacer = new Pacer(ledger);
  const served: string[] = [];
  const taker = async (name: string, beganAtMs: number) => {
    for (let taken = 0; taken < 20; ) {
      const slots = await pacer.take([KEY], 10, { beganAtMs, signal: forEver });
      taken += slots.length;
      served.push(...slots.map(() => name));
    }
  };
  await Promise.all([taker("later", 2), taker("first", 1)]);
  const half = served.slice(0, 22);
  expect(half.filter((name) => name === "first").length).toBeGreaterThan(16);
});

testOnBoth("a block makes granted slots void", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => setPace(tx, KEY, 1_000));
  const pacer = new Pacer(ledger);
  const [slot] = await pacer.take([KEY], 1, { beganAtMs: 0, signal: forEver });
  await pacer.block([KEY], 300);
  const blockedAtMs = performance.now();
  expect(slot === undefined ? null : await pacer.due(slot, forEver)).toBe(false);
  const [next] = await pacer.take([KEY], 1, { beganAtMs: 0, signal: forEver });
  expect(next?.dueAtMs).toBeGreaterThan(blockedAtMs + 250);
  expect(next === undefined ? null : await pacer.due(next, forEver)).toBe(true);
});

testOnBoth("an aborted taker leaves without a slot", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => setPace(tx, KEY, 0.01));
  const pacer = new Pacer(ledger);
  await pacer.take([KEY], 1, { beganAtMs: 0, signal: forEver });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const waiting = pacer.take([KEY], 1, { beganAtMs: 0, signal: stop.signal });
  const outcome = expect(waiting).rejects.toThrow();
  await sleep(10);
  stop.abort();
  await outcome;
});

testOnBoth("a pace that nobody set grants nothing", async ({ open }) => {
  const pacer = new Pacer(await open());
  await expect(pacer.take(["workos/client/other"], 1, { beganAtMs: 0, signal: forEver })).rejects.toThrow();
});
