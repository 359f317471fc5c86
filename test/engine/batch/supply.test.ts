import { expect, test } from "vitest";
import { Supply } from "../../../src/engine/batch/supply.ts";
import { FakeClock, FakeQueue, FakeSlots, PromptSender } from "./fakes.ts";

const forEver = new AbortController().signal;

/** Over this many people, for one lane. `onClaimed` happens between a claim's commit and its answer. */
function supplyOf(people: number, clock: FakeClock, onClaimed: () => void): Supply<string> {
  const queue = new FakeQueue(people).as(1);
  const slots = new FakeSlots(forEver);
  return new Supply<string>({
    queue: {
      ...queue,
      claim: async (limit, durably) => {
        const items = await queue.claim(limit, durably);
        onClaimed();
        return items;
      },
    },
    work: {
      sender: new PromptSender(),
      prepare: async (items) => items.map(({ key: sub }) => ({ record: sub, fingerprint: "" })),
    },
    clock,
    ledgerNowMs: () => clock.nowMs(),
    reserve: (wanted) => slots.reserve(wanted),
    due: (slot) => slots.due(slot),
    lanes: () => 1,
    open: people,
    signal: forEver,
    onSettled: () => {},
    onReady: () => {},
  });
}

test("a claim counts from before it was asked for: a worker may sleep between its commit and its answer", async () => {
  const clock = new FakeClock();
  const supply = supplyOf(3, clock, () => clock.skip(30_000));

  expect(await supply.refilled()).toBe(true);

  expect(clock.nowMs()).toBeGreaterThanOrEqual(30_000);
  expect(supply.take()[0]).toMatchObject({ claimed: { ordinal: 1 }, trustedAtMs: 0, lastTriedAtMs: 30_000 });
});

test("each call has a slot of its own, those that begin while the next group is claimed as well", async () => {
  const people = 40;
  let begun = 0;
  const begin = () => {
    for (const _ of supply.take()) {
      begun += 1;
      expect(supply.takeSlot(), `the slot of call ${begun}`).not.toBeNull();
    }
  };
  const supply = supplyOf(people, new FakeClock(), begin);

  while (await supply.refilled()) begin();

  expect(begun).toBe(people);
  expect(supply.takeSlot()).toBeNull();
});
