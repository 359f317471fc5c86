import { expect, test } from "vitest";
import type { Call, Item, Outcome, Sender } from "../../../src/destinations/sending.ts";
import { blocked } from "../../../src/domain/blocked.ts";
import { RangeStillOpenError } from "../../../src/engine/batch/batch.ts";
import type { FinalOutcome } from "../../../src/engine/batch/settlement.ts";
import type { Work } from "../../../src/engine/batch/work.ts";
import { FencedError } from "../../../src/ledger/errors.ts";
import { CREATED, HeldSender, happen, PromptSender, rigFor, UNCLEAR } from "./fakes.ts";

const REFUSED: Outcome = { kind: "rejected", code: "refused", message: "in the vendor's words" };
const only = (key: string, outcome: Outcome) => (item: Item<string>, sends: number) =>
  item.key === key && sends === 1 ? outcome : CREATED;

test("every item is sent once, in order, as many a call as are ready", async () => {
  const sender = new PromptSender(undefined, { itemsPerCall: 3 });
  const { clock, queue, slots, run } = rigFor(sender, { items: 7 });
  expect(await clock.drive(run())).toBeNull();
  expect(sender.keys).toEqual([
    ["person-1", "person-2", "person-3"],
    ["person-4", "person-5", "person-6"],
    ["person-7"],
  ]);
  expect(queue.states()).toEqual(Array(7).fill("done"));
  expect(queue.items.get(2)?.settlement).toMatchObject({
    fact: { how: "created", destinationId: "user_1", fingerprint: "hash of person-2" },
  });
  // One slot a call, before its claims, and none beside.
  expect(slots.journal.filter((entry) => entry.startsWith("next"))).toEqual([]);
});

test("a big call is claimed in short statements, and sent as one", async () => {
  const sender = new PromptSender(undefined, { itemsPerCall: 2_500 });
  const { clock, queue, run } = rigFor(sender, { items: 2_600 });
  await clock.drive(run());
  expect(sender.keys.map((keys) => keys.length)).toEqual([2_500, 100]);
  expect(queue.journal).toEqual(["claim 1000", "claim 1000", "claim 500", "claim 1000"]);
});

test("an item without a clear answer waits aside while its lane goes on", async () => {
  const sender = new PromptSender(only("person-2", { ...UNCLEAR, retryAfterMs: 3_000 }));
  const { clock, queue, run } = rigFor(sender, { items: 4 });
  await clock.drive(run());
  expect(sender.keys.flat()).toEqual(["person-1", "person-2", "person-3", "person-4", "person-2"]);
  expect(clock.nowMs()).toBeGreaterThanOrEqual(3_000);
  expect(queue.states()).toEqual(Array(4).fill("done"));
});

test("of a call that partly succeeds, only what is unclear waits", async () => {
  const sender = new PromptSender(
    ({ key }, sends) => {
      if (key === "person-1") return REFUSED;
      return key === "person-3" && sends === 1 ? UNCLEAR : CREATED;
    },
    { itemsPerCall: 3 },
  );
  const { clock, queue, run } = rigFor(sender, { items: 3 });
  await clock.drive(run());
  expect(sender.keys).toEqual([["person-1", "person-2", "person-3"], ["person-3"]]);
  expect(queue.states()).toEqual(["failed", "done", "done"]);
});

test("what waits aside is in doubt when it is sent again, and its leases are free meanwhile", async () => {
  const sender = new HeldSender();
  const { clock, leases, run } = rigFor(sender, { items: 1 });
  const outcome = run();
  await happen();
  expect(leases.heldBy("attempt")).toBe(1);
  sender.open(0).answer({ ...UNCLEAR, retryAfterMs: 60_000 });
  await happen();
  expect(leases.heldBy("attempt")).toBe(0);
  await clock.pass(59_000);
  expect(sender.calls).toHaveLength(1);
  await clock.pass(2_000);
  expect(sender.open(1).verb).toBe("read");
  sender.open(1).answer(CREATED);
  expect(await clock.drive(outcome)).toBeNull();
});

test("eight answers that nobody understands, with growing waits, and an item fails in doubt", async () => {
  const sentAtMs: number[] = [];
  const sender = new PromptSender(() => {
    sentAtMs.push(clock.nowMs());
    return UNCLEAR;
  });
  const { clock, queue, run } = rigFor(sender, { items: 1 });
  await clock.drive(run());
  expect(sentAtMs).toHaveLength(8);
  const waits = sentAtMs.slice(1).map((atMs, index) => atMs - (sentAtMs[index] ?? 0));
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  expect(queue.items.get(1)?.settlement).toMatchObject({
    state: "failed",
    code: "no_clear_answer",
    inDoubt: true,
  });
});

test("a doubt is counted from the last call that was let go, not from the first claim or a look", async () => {
  const sender = new HeldSender();
  const { clock, run } = rigFor(sender, { items: 1 });
  const outcome = run();
  await clock.pass(90_000);
  sender.open(0).answer({ kind: "slow_down", retryAfterMs: 0 });
  await clock.pass(30_000);
  sender.open(1).answer({ ...UNCLEAR, retryAfterMs: 10_000 });
  await clock.pass(10_000);
  expect(sender.open(2)).toMatchObject({ verb: "read", lastTriedAtMs: [120_000] });
  sender.open(2).answer({ ...UNCLEAR, retryAfterMs: 10_000 });
  await clock.pass(10_000);
  expect(sender.open(3)).toMatchObject({ verb: "read", lastTriedAtMs: [120_000] });
  sender.open(3).answer(CREATED);
  expect(await clock.drive(outcome)).toBeNull();
});

test("what an earlier attempt left in doubt may have been sent until it was claimed anew", async () => {
  const sender = new HeldSender();
  const { clock, run } = rigFor(sender, { items: 1, inDoubt: [1] });
  clock.skip(70_000);
  const outcome = run();
  await happen();
  expect(sender.open(0)).toMatchObject({ verb: "read", lastTriedAtMs: [70_000] });
  sender.open(0).answer(CREATED);
  expect(await clock.drive(outcome)).toBeNull();
});

test("in an outage a batch begins no more than a hundred calls", async () => {
  let isOut = true;
  const sender = new PromptSender(() => (isOut ? UNCLEAR : CREATED), { callsInFlight: 4 });
  const { clock, queue, run } = rigFor(sender, { items: 500 });
  const outcome = run();
  await clock.pass(2_000);
  const touched = new Set(sender.keys.flat()).size;
  expect(touched).toBeGreaterThanOrEqual(100);
  expect(touched).toBeLessThan(120);
  isOut = false;
  await clock.drive(outcome);
  expect(queue.states()).toEqual(Array(500).fill("done"));
});

test("a throttled item goes first again, with the doubt that it had, and everybody waits", async () => {
  const sender = new HeldSender();
  const { clock, slots, queue, run } = rigFor(sender, { items: 2 });
  const outcome = run();
  await happen();
  sender.open(0).answer({ kind: "slow_down", retryAfterMs: 700 });
  await happen();
  expect(slots.journal).toContain("block 700");
  // A look-up would tell of doubt.
  expect(sender.open(1)).toMatchObject({ keys: ["person-1"], verb: "write" });
  sender.open(1).answer(CREATED);
  await happen();
  sender.open(2).answer(CREATED);
  await clock.drive(outcome);
  expect(queue.states()).toEqual(["done", "done"]);
});

test("what was not sent goes first again, without blocking anybody", async () => {
  const sender = new PromptSender(only("person-1", { kind: "not_sent" }));
  const { clock, slots, queue, run } = rigFor(sender, { items: 2 });
  await clock.drive(run());
  expect(sender.keys.flat()).toEqual(["person-1", "person-1", "person-2"]);
  expect(slots.journal.filter((entry) => entry.startsWith("block"))).toEqual([]);
  expect(queue.states()).toEqual(["done", "done"]);
});

const PUT_OFF = { kind: "put_off", retryAfterMs: 30_000, code: "put_off", message: "Later." } as const;

test("what is put off is claimed no more, and holds nobody up", async () => {
  const sender = new PromptSender(only("person-1", PUT_OFF));
  const { clock, slots, queue, run } = rigFor(sender, { items: 3 });
  await clock.drive(run());
  expect(sender.keys.flat()).toEqual(["person-1", "person-2", "person-3"]);
  expect(slots.journal.filter((entry) => entry.startsWith("block"))).toEqual([]);
  expect(queue.states()).toEqual(["pending", "done", "done"]);
  expect(queue.items.get(1)).toMatchObject({
    putOff: 1,
    settlement: { putOffMs: 30_000, inDoubt: false, code: "put_off", message: "Later." },
  });
});

test("what is put off for the eighth time fails", async () => {
  const sender = new PromptSender(() => PUT_OFF);
  const { clock, queue, run } = rigFor(sender, { items: 2 });
  for (const [ordinal, putOff] of [6, 7].entries())
    Object.assign(queue.items.get(ordinal + 1) ?? {}, { putOff });
  await clock.drive(run());
  expect(queue.states()).toEqual(["pending", "failed"]);
  expect(queue.items.get(2)?.settlement).toMatchObject({ code: "put_off", message: "Later." });
});

test("lost access parks the run; what was not sent is open without doubt, what was answered is kept", async () => {
  const sender = new HeldSender(2);
  const { clock, queue, run } = rigFor(sender, { items: 4, inDoubt: [4] });
  const outcome = run();
  await happen();
  sender
    .open(0)
    .answer(({ key }) => (key === "person-1" ? CREATED : { kind: "access_lost", code: "unauthorized" }));
  expect(await clock.drive(outcome)).toMatchObject({ status: "blocked", code: "access_lost_destination" });
  expect(queue.states()).toEqual(["done", "pending", "pending", "pending in doubt"]);
});

test("an outcome that stops the batch leaves its item open without doubt", async () => {
  const stop = new Error("no more today");
  const sender = new PromptSender(only("person-2", { kind: "stopped", error: stop }));
  const { clock, queue, run } = rigFor(sender, { items: 3 });
  await expect(clock.drive(run())).rejects.toBe(stop);
  expect(queue.states()).toEqual(["done", "pending", "pending"]);
});

test("while a batch is held nothing else is begun, and what is in doubt is settled", async () => {
  const later = new Error("no clear answers");
  const sender = new HeldSender();
  const { clock, queue, run } = rigFor(sender, { items: 5, work: { claimsSingly: true } });
  const outcome = run();
  await clock.pass(1_000);
  sender.open(0).answer({ ...UNCLEAR, retryAfterMs: 5_000 });
  await clock.pass(1_000);
  sender.open(1).answer({ kind: "held", error: later });
  await clock.pass(2_000);
  expect(sender.calls).toHaveLength(2);
  await clock.pass(5_000);
  expect(sender.open(2)).toMatchObject({ keys: ["person-1"], verb: "read" });
  sender.open(2).answer(CREATED);
  await expect(clock.drive(outcome)).rejects.toBe(later);
  expect(queue.states()).toEqual(["done", "pending", "pending", "pending", "pending"]);
});

test("many who are skipped after an answer park the run, with a reason of the work's", async () => {
  const skipped: Outcome = { kind: "skipped", reason: "unsettled", because: "http_500" };
  const tooMany = (code: string, count: number) => blocked("mails_unsettled", { detail: `${count} ${code}` });
  const judged = rigFor(new PromptSender(() => skipped), { items: 300, work: { tooMany } });
  expect(await judged.clock.drive(judged.run())).toMatchObject({
    code: "mails_unsettled",
    sentence: expect.stringContaining("(11 unsettled)"),
  });
  const { because: _, ...quietly } = skipped;
  const unjudged = rigFor(new PromptSender(() => quietly), { items: 300, work: { tooMany } });
  expect(await unjudged.clock.drive(unjudged.run())).toBeNull();
});

test("many failures alike park the run, unless they are accepted", async () => {
  const rig = () => rigFor(new PromptSender(() => REFUSED), { items: 300 });
  const judged = rig();
  expect(await judged.clock.drive(judged.run())).toMatchObject({ code: "too_many_failures" });
  const accepted = rig();
  expect(await accepted.clock.drive(accepted.run({ accepted: ["refused"] }))).toBeNull();
  expect(accepted.queue.states()).toEqual(Array(300).fill("failed"));
});

test("many failures alike park the run, however many outcomes are written after them at once", async () => {
  const sender = new PromptSender(({ key }) =>
    Number(key.replace("person-", "")) <= 20 ? REFUSED : CREATED,
  );
  const { clock, run } = rigFor(sender, { items: 150 });
  expect(await clock.drive(run())).toMatchObject({ code: "too_many_failures" });
});

test("refusals that are known before the other outcomes of their call park nothing", async () => {
  const sender = new PromptSender(
    ({ key }, sends) => {
      if (Number(key.replace("person-", "")) % 10 === 0) return REFUSED;
      return sends === 1 ? UNCLEAR : CREATED;
    },
    { itemsPerCall: 500 },
  );
  const { clock, queue, run } = rigFor(sender, { items: 500 });
  expect(await clock.drive(run())).toBeNull();
  expect(queue.states().filter((state) => state === "failed")).toHaveLength(50);
});

test("a batch that is told to stop starts no call, and keeps what its calls in flight are answered", async () => {
  const sender = new HeldSender(1, 4);
  const { clock, queue, leases, cancel, run } = rigFor(sender, { items: 6 });
  const outcome = run();
  await clock.pass(1_500);
  expect(sender.calls).toHaveLength(4);
  sender.open(0).answer({ ...UNCLEAR, retryAfterMs: 60_000 });
  await happen();
  expect(sender.calls).toHaveLength(5);
  cancel.abort(new Error("paused"));
  await happen();
  for (const call of sender.calls.slice(1)) call.answer(CREATED);
  await expect(clock.drive(outcome)).rejects.toThrow("paused");
  expect(sender.calls).toHaveLength(5);
  expect(queue.states()).toEqual(["pending in doubt", "done", "done", "done", "done", "pending"]);
  expect(leases.heldBy("attempt")).toBe(0);
});

test("a sender that fails leaves in doubt what it may have sent, and nothing else", async () => {
  const sender = oneThatSends(async ([first, second, third], call) => {
    if (first === undefined || second === undefined || third === undefined) throw new Error("three a call");
    await call.write([first]);
    await call.read();
    await call.write([third]);
    throw new Error("a bug");
  });
  const { clock, queue, run } = rigFor(sender, { items: 3 });
  await expect(clock.drive(run())).rejects.toThrow("a bug");
  expect(queue.states()).toEqual(["pending in doubt", "pending", "pending in doubt"]);
});

test.each([
  ["fewer", [CREATED, CREATED]],
  ["more", [CREATED, CREATED, CREATED, CREATED]],
])("%s outcomes than items say nothing about any of them", async (_, outcomes) => {
  const sender = oneThatSends(async () => outcomes);
  const { clock, queue, run } = rigFor(sender, { items: 3 });
  await expect(clock.drive(run())).rejects.toThrow("another number of outcomes");
  expect(queue.states()).toEqual(Array(3).fill("pending in doubt"));
});

test("one call more than a sender says is an error", async () => {
  const sender = oneThatSends(async (items, call) => {
    for (let calls = 0; calls < 4; calls += 1) await call.read();
    return items.map(() => CREATED);
  });
  const { clock, queue, run } = rigFor(sender, { items: 3 });
  await expect(clock.drive(run())).rejects.toThrow("more calls than it says");
  expect(queue.states()).toEqual(Array(3).fill("pending"));
});

test("each call has a slot and a time limit of its own", async () => {
  const sender = oneThatSends(async (items, call) => {
    await call.read();
    await call.write();
    await call.write();
    return items.map(() => CREATED);
  });
  const { clock, slots, limits, run } = rigFor(sender, { items: 3 });
  await clock.drive(run());
  expect(slots.journal).toEqual(["reserve 1", "next read", "due", "next write"]);
  const once = ["pause", "restart"];
  expect(limits).toEqual(["begin", "pause", ...once, ...once, ...once]);
});

test("claims that are old are confirmed before a call, all of the call in one question", async () => {
  const sender = oneThatSends(async (items, call) => {
    clock.skip(3_000);
    await call.write();
    await call.write();
    return items.map(() => CREATED);
  });
  const { clock, queue, run } = rigFor(sender, { items: 3 });
  await clock.drive(run());
  expect(queue.journal.filter((entry) => entry.startsWith("confirm"))).toEqual(["confirm 1 2 3"]);
});

test("an attempt that was overtaken makes no call, and writes nothing", async () => {
  const sender = oneThatSends(async (items, call) => {
    clock.skip(30_000);
    queue.claim(2, 3);
    await call.write();
    calls += 1;
    return items.map(() => CREATED);
  });
  let calls = 0;
  const { clock, queue, run } = rigFor(sender, { items: 3 });
  await expect(clock.drive(run())).rejects.toThrow(FencedError);
  expect(calls).toBe(0);
  expect([...queue.items.values()].map(({ fence }) => fence)).toEqual([2, 2, 2]);
});

test("what a later attempt took over is in doubt there, and the earlier one settles none of it", async () => {
  const earlier = new HeldSender(2);
  const { clock, queue, run } = rigFor(earlier, { items: 2 });
  const outcome = run();
  await happen();
  expect(queue.claim(2, 2).map(({ inDoubt }) => inDoubt)).toEqual([true, true]);
  earlier.open(0).answer(CREATED);
  await expect(clock.drive(outcome)).rejects.toThrow(FencedError);
  expect(queue.states()).toEqual(Array(2).fill("sending in doubt"));
});

test("a range that somebody else holds items of is still open", async () => {
  const sender = new PromptSender();
  const { clock, queue, run } = rigFor(sender, { items: 3 });
  queue.claim(5, 1);
  await expect(clock.drive(run())).rejects.toThrow(RangeStillOpenError);
  expect(queue.states()).toEqual(["sending", "done", "done"]);
});

test("calls that nobody may repeat are claimed one by one, on disk, when their slot is due", async () => {
  const sender = new HeldSender(1, 1);
  const { clock, queue, slots, run } = rigFor(sender, { items: 2, work: { claimsSingly: true } });
  const outcome = run();
  await happen();
  expect(slots.journal.slice(0, 2)).toEqual(["reserve 1", "due"]);
  expect(queue.journal).toEqual(["claim 1 durably"]);
  sender.open(0).answer(CREATED);
  await happen();
  expect(queue.journal.filter((entry) => entry.startsWith("claim"))).toEqual(
    Array(2).fill("claim 1 durably"),
  );
  sender.open(1).answer(CREATED);
  await clock.drive(outcome);
});

test("of calls that nobody may repeat, those that are due are claimed together, and none that has no lane", async () => {
  const sender = new HeldSender(1, 4);
  const { clock, queue, run } = rigFor(sender, { items: 20, work: { claimsSingly: true } });
  const outcome = run();
  const { answered, claims } = { answered: new Set<number>(), claims: new Set<string>() };
  while (answered.size < 20) {
    await clock.pass(1_000);
    expect(queue.states().filter((state) => state === "sending").length).toBeLessThanOrEqual(4);
    for (const entry of queue.journal) if (entry.startsWith("claim")) claims.add(entry);
    for (const [index, call] of sender.calls.entries()) {
      if (!answered.has(index)) call.answer(CREATED);
      answered.add(index);
    }
  }
  await clock.drive(outcome);
  expect(claims.size).toBeGreaterThan(1);
  expect(queue.states()).toEqual(Array(20).fill("done"));
});

test("of calls that nobody may repeat, a lane makes the next one when the outcome is on disk", async () => {
  const sender = new HeldSender(1, 1);
  const { clock, queue, run } = rigFor(sender, { items: 2, work: { claimsSingly: true } });
  const { promise: isWritten, resolve: write } = Promise.withResolvers<void>();
  queue.beforeSettling = () => isWritten;
  const outcome = run();
  await happen();
  sender.open(0).answer(CREATED);
  await clock.pass(1_000);
  expect(queue.journal).toEqual(["claim 1 durably", "settle 1 durably"]);
  expect(sender.calls).toHaveLength(1);
  write();
  await happen();
  sender.open(1).answer(CREATED);
  await clock.drive(outcome);
  expect(queue.states()).toEqual(["done", "done"]);
});

test("what shows only later is looked at as often as it takes, and its lane goes on", async () => {
  const sender = new HeldSender();
  const { clock, queue, run } = rigFor(sender, { items: 2, inDoubt: [1] });
  const outcome = run();
  for (let look = 0; look < 12; look += 1) {
    await clock.pass(1_000);
    const call = sender.calls.at(-1);
    call?.answer(call.keys[0] === "person-1" ? { kind: "too_early", retryAfterMs: 1_000 } : CREATED);
  }
  expect(sender.calls.filter(({ keys }) => keys[0] === "person-2")).toHaveLength(1);
  await clock.pass(1_000);
  sender.calls.at(-1)?.answer(CREATED);
  expect(await clock.drive(outcome)).toBeNull();
  expect(queue.states()).toEqual(["done", "done"]);
});

test("an outcome that needs no call is written without one", async () => {
  const sender = new PromptSender();
  const { clock, queue, run } = rigFor(sender, {
    items: 3,
    work: {
      prepare: async (items) =>
        items.map(({ key: sub, ordinal }) =>
          ordinal === 2
            ? { outcome: { kind: "skipped", reason: "user_not_imported" } }
            : { record: sub, fingerprint: "" },
        ),
    },
  });
  await clock.drive(run());
  expect(sender.keys.flat()).toEqual(["person-1", "person-3"]);
  expect(queue.states()).toEqual(["done", "skipped", "done"]);
});

test("what may be there without a call of ours is looked up, and is in no doubt when it is put back", async () => {
  const sender = new HeldSender();
  const { clock, queue, run } = rigFor(sender, {
    items: 1,
    work: {
      prepare: async (items) =>
        items.map(({ key: sub }) => ({ record: sub, fingerprint: "", mayExist: true })),
    },
  });
  const outcome = run();
  await happen();
  expect(sender.open(0).verb).toBe("read");
  sender.open(0).answer({ kind: "access_lost", code: "unauthorized" });
  await clock.drive(outcome);
  expect(queue.states()).toEqual(["pending"]);
});

test("records that cannot be prepared leave their items open without doubt", async () => {
  const { clock, queue, run } = rigFor(new PromptSender(), {
    items: 3,
    work: { prepare: () => Promise.reject(new Error("no record")) },
  });
  await expect(clock.drive(run())).rejects.toThrow("no record");
  expect(queue.states()).toEqual(Array(3).fill("pending"));
});

/** Asked of everybody whose call is due; `answers` says why somebody is not wanted any more. */
function askedWhenDue(answers: (key: string) => FinalOutcome | null): Partial<Work<string>> & {
  asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    prepare: async (items) =>
      items.map(({ key: sub }) => ({ record: sub, fingerprint: "", asksWhenDue: true })),
    stillWanted: async ({ key }) => {
      asked.push(key);
      return answers(key);
    },
  };
}

const OVERTAKEN = { kind: "rejected", code: "overtaken", message: "" } as const;

test("whether an item is wanted is asked when its call is due, and again where the call has to wait", async () => {
  const sender = new PromptSender((_, sends) =>
    sends === 1 ? { kind: "slow_down", retryAfterMs: 25_000 } : CREATED,
  );
  const work = askedWhenDue(() => (clock.nowMs() < 25_000 ? null : OVERTAKEN));
  const { clock, queue, slots, run } = rigFor(sender, { items: 2, work });
  slots.block = async (forMs) => clock.skip(forMs);
  await clock.drive(run());
  // Whoever is behind the blocked call has not been asked about before.
  expect(work.asked).toEqual(["person-1", "person-1", "person-2"]);
  expect(sender.keys.flat()).toEqual(["person-1"]);
  expect([...queue.items.values()].map(({ settlement }) => settlement?.code)).toEqual([
    "overtaken",
    "overtaken",
  ]);
});

test("an answer that grew old while the claim was confirmed is asked for anew, and a young one is not", async () => {
  const work = askedWhenDue(() => null);
  const sender = oneThatSends(async (items, call) => {
    await call.read();
    await call.write();
    clock.skip(3_000);
    await call.write();
    return items.map(() => CREATED);
  });
  const { clock, run } = rigFor(sender, { items: 1, work });
  await clock.drive(run());
  expect(work.asked).toEqual(["person-1", "person-1"]);
});

test("of a call with somebody who is wanted no more, the others go without them", async () => {
  const work = askedWhenDue((key) => (key === "person-2" ? OVERTAKEN : null));
  const sender = new PromptSender(() => CREATED, { itemsPerCall: 3 });
  const { clock, queue, run } = rigFor(sender, { items: 3, work });
  await clock.drive(run());
  expect(sender.keys).toEqual([["person-1", "person-3"]]);
  expect(queue.states()).toEqual(["done", "failed", "done"]);
});

test("a call of many goes out, however long it takes to ask about all of them", async () => {
  const work = askedWhenDue(() => {
    clock.skip(1_500);
    return null;
  });
  const sender = new PromptSender(() => CREATED, { itemsPerCall: 3 });
  const { clock, run } = rigFor(sender, { items: 3, work });
  await clock.drive(run());
  expect(work.asked).toEqual(["person-1", "person-2", "person-3"]);
  expect(sender.keys).toHaveLength(1);
});

test("whoever is wanted no more keeps the doubt of an earlier call", async () => {
  const sender = new HeldSender();
  const work = askedWhenDue(() => OVERTAKEN);
  const { clock, queue, run } = rigFor(sender, { items: 1, inDoubt: [1], work });
  await clock.drive(run());
  expect(sender.calls).toEqual([]);
  expect(queue.states()).toEqual(["failed in doubt"]);
});

test("items that need those before them wait until a doubt is settled", async () => {
  const sender = new PromptSender(only("person-1", { ...UNCLEAR, retryAfterMs: 5_000 }));
  const { clock, run } = rigFor(sender, { items: 3, work: { inOrder: true } });
  await clock.drive(run());
  expect(sender.keys.flat()).toEqual(["person-1", "person-1", "person-2", "person-3"]);
});

/** Three items a call, three calls a send. */
function oneThatSends(
  send: (items: readonly Item<string>[], call: Call) => Promise<readonly Outcome[]>,
): Sender<string> {
  return { itemsPerCall: 3, callsInFlight: 1, maxCalls: 3, send };
}
