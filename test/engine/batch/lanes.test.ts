import { expect, test } from "vitest";
import { CREATED, HeldSender, happen, rigFor } from "./fakes.ts";

test("a batch takes its share of the calls in flight at once, and more when nobody else wants them", async () => {
  const sender = new HeldSender(1, 16);
  const { clock, leases, run } = rigFor(sender, { items: 20 });
  const outcome = run();
  await happen();
  expect(sender.calls).toHaveLength(4);
  await clock.pass(1_100);
  expect(sender.calls).toHaveLength(16);
  for (let answered = 0; answered < 20; answered += 1) {
    sender.open(answered).answer(CREATED);
    await happen();
  }
  await clock.drive(outcome);
  expect(leases.heldBy("attempt")).toBe(0);
});

test("no more lanes than there are calls to make", async () => {
  const sender = new HeldSender(100, 16);
  const { clock, leases, run } = rigFor(sender, { items: 150 });
  const outcome = run();
  await clock.pass(5_000);
  expect(leases.heldBy("attempt")).toBe(2);
  expect(sender.calls.map(({ keys }) => keys.length)).toEqual([100, 50]);
  for (const call of sender.calls) call.answer(CREATED);
  await clock.drive(outcome);
});

test("what is more than the share goes to whoever goes short", async () => {
  const [earlier, later] = [new HeldSender(1, 4), new HeldSender(1, 4)];
  const first = rigFor(earlier, { items: 10 });
  const second = rigFor(later, { items: 10, beside: first });
  const { clock, leases } = first;
  const firstEnds = first.run({ holder: "first" });
  await clock.pass(1_100);
  expect(leases.heldBy("first")).toBe(4);
  const secondEnds = second.run({ holder: "second" });
  await clock.pass(1_100);
  expect(later.calls).toHaveLength(0);
  for (const call of earlier.calls.slice()) call.answer(CREATED);
  await clock.pass(600);
  expect(leases.heldBy("first")).toBe(1);
  expect(leases.heldBy("second")).toBe(1);
  await Promise.all([
    clock.drive(Promise.all([firstEnds, secondEnds])),
    answerAll(earlier, 4, 10),
    answerAll(later, 0, 10),
  ]);
  expect(first.queue.states()).toEqual(Array(10).fill("done"));
  expect(second.queue.states()).toEqual(Array(10).fill("done"));
});

test("nobody waits for ever where one call may be in flight: a lease that is given back goes to the next", async () => {
  const sender = new HeldSender(10, 1);
  const { clock, leases, run } = rigFor(sender, { items: 10 });
  leases.slots[0] = { holder: "somebody else", untilMs: 4_000 };
  const outcome = run();
  await clock.pass(3_900);
  expect(sender.calls).toHaveLength(0);
  await clock.pass(500);
  sender.open(0).answer(CREATED);
  await clock.drive(outcome);
});

test("leases are renewed while a call is long", async () => {
  const sender = new HeldSender(1, 1);
  const { clock, leases, run } = rigFor(sender, { items: 1 });
  const outcome = run();
  await clock.pass(30_000);
  expect(leases.heldBy("attempt")).toBe(1);
  sender.open(0).answer(CREATED);
  await clock.drive(outcome);
});

test("nobody else makes a call while a long one is in flight where one is borne", async () => {
  const [slow, other] = [new HeldSender(1, 1), new HeldSender(1, 1)];
  const first = rigFor(slow, { items: 1 });
  const second = rigFor(other, { items: 1, beside: first });
  const { clock } = first;
  const firstEnds = first.run({ holder: "first" });
  await happen();
  const secondEnds = second.run({ holder: "second" });
  await clock.pass(20_000);
  expect(slow.calls).toHaveLength(1);
  expect(other.calls).toHaveLength(0);
  slow.open(0).answer(CREATED);
  expect(await clock.drive(firstEnds)).toBeNull();
  await clock.pass(1_000);
  other.open(0).answer(CREATED);
  expect(await clock.drive(secondEnds)).toBeNull();
});

test("a worker that was frozen makes no call under a lease that somebody else has by now", async () => {
  const sender = new HeldSender(1, 1);
  const { clock, leases, run } = rigFor(sender, { items: 2 });
  const outcome = run();
  await happen();
  clock.skip(20_000);
  leases.slots[0] = { holder: "somebody else", untilMs: clock.nowMs() + 3_000 };
  sender.open(0).answer(CREATED);
  await clock.pass(2_500);
  expect(sender.calls).toHaveLength(1);
  await clock.pass(1_000);
  expect(leases.heldBy("attempt")).toBe(1);
  sender.open(1).answer(CREATED);
  expect(await clock.drive(outcome)).toBeNull();
});

async function answerAll(sender: HeldSender, from: number, to: number): Promise<void> {
  for (let answered = from; answered < to; answered += 1) {
    while (sender.calls[answered] === undefined) await happen();
    sender.open(answered).answer(CREATED);
  }
}
