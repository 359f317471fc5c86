import fc from "fast-check";
import { sql } from "kysely";
import { expect } from "vitest";
import {
  giveBackLeases,
  LEASE_MS,
  type LeaseHolder,
  renewLeases,
  takeLeases,
  wantLeases,
} from "../../src/ledger/leases.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { testOnBoth } from "./ledgers.ts";

const CALLS_IN_FLIGHT = 4;
const HOLDERS = ["ada", "ben", "cem"] as const;
/** No number of these steps ends near the lease time, so that the milliseconds of a test decide nothing. */
const STEP_MS = LEASE_MS * 0.4;

const holderOf = (key: string, holder: string, leaseMs = LEASE_MS): LeaseHolder => ({
  key,
  holder,
  leaseMs,
});
const take = (ledger: Ledger, by: LeaseHolder, wanted: number) =>
  ledger.changeSoon((db) => takeLeases(db, by, CALLS_IN_FLIGHT, wanted));
const renew = (ledger: Ledger, by: LeaseHolder) => ledger.changeSoon((db) => renewLeases(db, by));
const giveBack = (ledger: Ledger, by: LeaseHolder, slots: readonly number[]) =>
  ledger.changeSoon((db) => giveBackLeases(db, by, slots));
/** Every instant of the key moves back: the same as a clock that goes on. */
const letPass = (ledger: Ledger, key: string, ms: number) =>
  ledger.write((tx) =>
    sql`update call_leases set until_ms = until_ms - ${sql.lit(ms)},
      wanted_until_ms = wanted_until_ms - ${sql.lit(ms)} where key = ${key}`.execute(tx),
  );

testOnBoth("no more calls are let than the destination bears, each to one holder", async ({ open }) => {
  const ledger = await open();
  const ada = holderOf("vendor/env/users", "ada");
  const ben = holderOf("vendor/env/users", "ben");
  expect(await take(ledger, ada, 3)).toEqual([1, 2, 3]);
  expect(await take(ledger, ben, 3)).toEqual([4]);
  expect(await take(ledger, ben, 3)).toEqual([]);
  expect(await take(ledger, holderOf("vendor/env/roles", "ben"), 2)).toEqual([1, 2]);
  await giveBack(ledger, ada, [2]);
  expect(await take(ledger, ben, 3)).toEqual([2]);
  const renewed = await renew(ledger, ada);
  expect(renewed.slots.toSorted()).toEqual([1, 3]);
  expect(renewed.taken).toBe(CALLS_IN_FLIGHT);
});

testOnBoth("nobody gives back or renews what somebody else has by now", async ({ open }) => {
  const ledger = await open();
  const ada = holderOf("vendor/env/users", "ada");
  const ben = holderOf("vendor/env/users", "ben");
  await take(ledger, ada, 4);
  await letPass(ledger, ada.key, LEASE_MS + STEP_MS);
  expect(await take(ledger, ben, 4)).toEqual([1, 2, 3, 4]);
  await giveBack(ledger, ada, [1, 2]);
  expect((await renew(ledger, ada)).slots).toEqual([]);
  expect((await renew(ledger, ben)).slots).toHaveLength(4);
});

testOnBoth("a call that outlives its caller keeps its slot as long as it may last", async ({ open }) => {
  const ledger = await open();
  const ada = holderOf("vendor/env/users", "ada", 20_000);
  const ben = holderOf("vendor/env/users", "ben", 20_000);
  await take(ledger, ada, 2);
  await letPass(ledger, ada.key, 15_000);
  expect((await renew(ledger, ada)).slots).toHaveLength(2);
  await letPass(ledger, ada.key, 15_000);
  expect(await take(ledger, ben, 4)).toEqual([3, 4]);
  await letPass(ledger, ada.key, 10_000);
  expect((await take(ledger, ben, 4)).toSorted()).toEqual([1, 2]);
});

testOnBoth("who renews hears for a while that somebody goes short", async ({ open }) => {
  const ledger = await open();
  const ada = holderOf("vendor/env/users", "ada");
  await take(ledger, ada, 4);
  expect((await renew(ledger, ada)).isWanted).toBe(false);
  await ledger.changeSoon((db) => wantLeases(db, ada.key));
  expect((await renew(ledger, ada)).isWanted).toBe(true);
  await letPass(ledger, ada.key, LEASE_MS * 0.6);
  expect((await renew(ledger, ada)).isWanted).toBe(false);
});

testOnBoth("many who take at once over connections of their own share what there is", async ({ open }) => {
  const ledgers = await Promise.all([open(), open(), open()]);
  for (let round = 0; round < 10; round += 1) {
    const key = `vendor/env/round-${round}`;
    const taken = await Promise.all(
      ledgers.flatMap((ledger, at) => [1, 2].map((half) => take(ledger, holderOf(key, `${at}-${half}`), 2))),
    );
    const slots = taken.flat();
    expect(new Set(slots).size).toBe(slots.length);
    // Who lost a race asks again.
    const late = await Promise.all(ledgers.map((ledger, at) => take(ledger, holderOf(key, `late-${at}`), 4)));
    const all = [...slots, ...late.flat()];
    expect(all.length).toBeLessThanOrEqual(CALLS_IN_FLIGHT);
    const [ledger] = ledgers;
    if (ledger !== undefined) all.push(...(await take(ledger, holderOf(key, "last"), 4)));
    expect(all.toSorted()).toEqual([1, 2, 3, 4]);
  }
});

type Step =
  | { kind: "take"; by: number; wanted: number }
  | { kind: "renew" | "give back"; by: number }
  | { kind: "pass" };

const by = fc.nat({ max: HOLDERS.length - 1 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("take" as const), by, wanted: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constantFrom("renew" as const, "give back" as const), by }),
    fc.constant({ kind: "pass" as const }),
  ),
  { maxLength: 30 },
);

testOnBoth("leases do as their model does", async ({ open }) => {
  const ledger = await open();
  let round = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      round += 1;
      const key = `vendor/env/model-${round}`;
      const model = new Model();
      for (const step of all) {
        if (step.kind === "pass") {
          await letPass(ledger, key, STEP_MS);
          model.pass();
          continue;
        }
        const name = HOLDERS[step.by] ?? HOLDERS[0];
        const who = holderOf(key, name);
        if (step.kind === "take")
          expect(await take(ledger, who, step.wanted)).toEqual(model.take(name, step.wanted));
        else if (step.kind === "renew")
          expect((await renew(ledger, who)).slots.toSorted()).toEqual(model.renew(name));
        else await giveBack(ledger, who, model.giveBack(name));
      }
    }),
    { numRuns: 60 },
  );
});

/** Which slot is whose, and for how many steps yet. */
class Model {
  readonly #slots = new Map<number, { name: string; stepsLeft: number }>();

  pass(): void {
    for (const [slot, lease] of this.#slots) {
      lease.stepsLeft -= 1;
      if (lease.stepsLeft === 0) this.#slots.delete(slot);
    }
  }

  take(name: string, wanted: number): number[] {
    const free = [1, 2, 3, 4].filter((slot) => !this.#slots.has(slot)).slice(0, wanted);
    for (const slot of free) this.#slots.set(slot, { name, stepsLeft: 3 });
    return free;
  }

  renew(name: string): number[] {
    const held = this.#heldBy(name);
    for (const slot of held) this.#slots.set(slot, { name, stepsLeft: 3 });
    return held;
  }

  giveBack(name: string): number[] {
    const held = this.#heldBy(name);
    for (const slot of held) this.#slots.delete(slot);
    return held;
  }

  #heldBy(name: string): number[] {
    return [...this.#slots.keys()].filter((slot) => this.#slots.get(slot)?.name === name).toSorted();
  }
}

testOnBoth("a clock that was set back holds nobody up", async ({ open }) => {
  const ledger = await open();
  const key = "vendor/env/users";
  const dead = holderOf(key, "dead");
  expect(await take(ledger, dead, CALLS_IN_FLIGHT)).toHaveLength(CALLS_IN_FLIGHT);
  await ledger.changeSoon((db) => wantLeases(db, key));
  await letPass(ledger, key, -60 * 60_000);
  const ada = holderOf(key, "ada");
  expect((await take(ledger, ada, CALLS_IN_FLIGHT)).toSorted()).toEqual([1, 2, 3, 4]);
  expect(await renew(ledger, ada)).toMatchObject({ isWanted: false, taken: CALLS_IN_FLIGHT });
  expect(await take(ledger, holderOf(key, "ben"), 1)).toEqual([]);
});

testOnBoth("a clock that steps back a little takes no lease away", async ({ open }) => {
  const ledger = await open();
  const key = "vendor/env/users";
  expect(await take(ledger, holderOf(key, "ada"), CALLS_IN_FLIGHT)).toHaveLength(CALLS_IN_FLIGHT);
  await letPass(ledger, key, -2_000);
  expect(await take(ledger, holderOf(key, "ben"), 1)).toEqual([]);
  expect(await renew(ledger, holderOf(key, "ada"))).toMatchObject({ taken: CALLS_IN_FLIGHT });
});
