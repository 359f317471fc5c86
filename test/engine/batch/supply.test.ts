import { expect, test } from "vitest";
import { Supply } from "../../../src/engine/batch/supply.ts";
import { FakeClock, FakeQueue, FakeSlots, PromptSender } from "./fakes.ts";

const forEver = new AbortController().signal;

test("a claim counts from before it was asked for: a worker may sleep between its commit and its answer", async () => {
  const clock = new FakeClock();
  const queue = new FakeQueue(3).as(1);
  const slots = new FakeSlots(forEver);
  const supply = new Supply<string>({
    queue: {
      ...queue,
      claim: async (limit, durably) => {
        const items = await queue.claim(limit, durably);
        clock.skip(30_000);
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
    due: () => slots.due(),
    lanes: () => 1,
    open: 3,
    signal: forEver,
    onSettled: () => {},
    onReady: () => {},
  });

  expect(await supply.refilled()).toBe(true);

  expect(clock.nowMs()).toBeGreaterThanOrEqual(30_000);
  expect(supply.take()[0]).toMatchObject({ claimed: { ordinal: 1 }, trustedAtMs: 0, lastTriedAtMs: 30_000 });
});
