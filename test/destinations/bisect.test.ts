import fc from "fast-check";
import { expect, test } from "vitest";
import { type BulkAnswer, bisect, type Refusal } from "../../src/destinations/bisect.ts";
import type { Call, Item } from "../../src/destinations/sending.ts";

const REFUSED: Refusal = { code: "bad_address", message: "in the vendor's words" };

const itemsOf = (count: number): Item<null>[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `person-${index}`,
    record: null,
    firstClaimedAtMs: 1,
    lastTriedAtMs: 1,
    inDoubt: false,
  }));

/** A destination that takes all or none, and names as many of those at fault as it likes. */
class AllOrNone {
  readonly accepted: string[] = [];
  readonly #refused: ReadonlySet<string>;
  readonly #named: number;
  calls = 0;

  constructor(refused: ReadonlySet<string>, named: number) {
    this.#refused = refused;
    this.#named = named;
  }

  readonly sendAll = async (items: readonly Item<null>[]): Promise<BulkAnswer> => {
    this.calls += 1;
    const atFault = items.filter(({ key }) => this.#refused.has(key));
    if (atFault.length > 0) {
      const named = new Map(atFault.slice(0, this.#named).map(({ key }) => [key, REFUSED]));
      return { kind: "refused", ...REFUSED, named };
    }
    this.accepted.push(...items.map(({ key }) => key));
    return { kind: "accepted", destinationIds: items.map(({ key }) => `id of ${key}`) };
  };
}

const callOf = (signal = new AbortController().signal): Call => ({
  write: async () => signal.throwIfAborted(),
  read: async () => {},
  nowMs: () => 0,
  signal,
});

const refusals = fc
  .record({ count: fc.integer({ min: 1, max: 300 }), named: fc.integer({ min: 0, max: 3 }) })
  .chain(({ count, named }) =>
    fc.record({
      count: fc.constant(count),
      named: fc.constant(named),
      refused: fc.uniqueArray(fc.nat({ max: count - 1 }), { maxLength: 12 }),
    }),
  );

test("whatever is acceptable is accepted once, whatever is not is refused, in few calls", async () => {
  await fc.assert(
    fc.asyncProperty(refusals, async ({ count, named, refused }) => {
      const keys = new Set(refused.map((index) => `person-${index}`));
      const items = itemsOf(count);
      const destination = new AllOrNone(keys, named);
      const outcomes = await bisect(items, {
        call: callOf(),
        sendAll: destination.sendAll,
        maxCalls: Number.POSITIVE_INFINITY,
      });
      expect(outcomes).toEqual(
        items.map(({ key }) =>
          keys.has(key)
            ? { kind: "rejected", ...REFUSED }
            : { kind: "created", destinationId: `id of ${key}` },
        ),
      );
      expect(destination.accepted.toSorted()).toEqual(
        items.flatMap(({ key }) => (keys.has(key) ? [] : [key])).toSorted(),
      );
      const halvings = Math.ceil(Math.log2(count));
      const perRefusal = named > 0 ? 1 : 2 * halvings;
      expect(destination.calls).toBeLessThanOrEqual(1 + keys.size * perRefusal);
    }),
  );
});

test("with few calls a send, what is left is sent the next time, and all of it ends", async () => {
  await fc.assert(
    fc.asyncProperty(refusals, async ({ count, refused }) => {
      const keys = new Set(refused.map((index) => `person-${index}`));
      const destination = new AllOrNone(keys, 0);
      let open = itemsOf(count);
      const settled: string[] = [];
      for (let sends = 0; open.length > 0; sends += 1) {
        expect(sends).toBeLessThanOrEqual(count);
        const outcomes = await bisect(open, { call: callOf(), sendAll: destination.sendAll, maxCalls: 10 });
        settled.push(
          ...open.flatMap(({ key }, index) => (outcomes[index]?.kind === "not_sent" ? [] : [key])),
        );
        open = open.filter((_, index) => outcomes[index]?.kind === "not_sent");
      }
      expect(settled).toHaveLength(count);
      expect(destination.accepted).toHaveLength(count - keys.size);
    }),
  );
});

test("an answer that names what was not sent is taken for one that names nothing", async () => {
  const items = itemsOf(2);
  const destination = new AllOrNone(new Set(["person-1"]), 0);
  const outcomes = await bisect(items, {
    call: callOf(),
    sendAll: async (group) => {
      const answer = await destination.sendAll(group);
      return answer.kind === "refused" ? { ...answer, named: new Map([["nobody", REFUSED]]) } : answer;
    },
    maxCalls: 10,
  });
  expect(outcomes.map(({ kind }) => kind)).toEqual(["created", "rejected"]);
});

test("an answer that was lost leaves its own items unknown, and the others are sent", async () => {
  const outcomes = await bisect(itemsOf(4), {
    call: callOf(),
    sendAll: async (group) => {
      if (group.length === 4) return { kind: "refused", ...REFUSED, named: new Map() };
      if (group.some(({ key }) => key === "person-0"))
        return { kind: "unknown", code: "timeout", message: "", retryAfterMs: 0 };
      return { kind: "accepted", destinationIds: ["a", "b"] };
    },
    maxCalls: 10,
  });
  expect(outcomes.map(({ kind }) => kind)).toEqual(["unknown", "unknown", "created", "created"]);
});

test.each([
  { kind: "slow_down", retryAfterMs: 500 } as const,
  { kind: "access_lost", code: "unauthorized" } as const,
])("$kind holds for everything that is not sent yet", async (answer) => {
  let calls = 0;
  const outcomes = await bisect(itemsOf(4), {
    call: callOf(),
    sendAll: async () => {
      calls += 1;
      return calls === 1 ? { kind: "refused", ...REFUSED, named: new Map() } : answer;
    },
    maxCalls: 10,
  });
  expect(calls).toBe(2);
  expect(outcomes).toEqual(Array(4).fill(answer));
});

test("a batch that stops in the middle keeps what was accepted, and the rest counts as not sent", async () => {
  const stop = new AbortController();
  const destination = new AllOrNone(new Set(["person-3"]), 0);
  const outcomes = await bisect(itemsOf(4), {
    call: callOf(stop.signal),
    sendAll: async (group) => {
      const answer = await destination.sendAll(group);
      if (answer.kind === "accepted") stop.abort(new Error("paused"));
      return answer;
    },
    maxCalls: 10,
  });
  expect(outcomes.map(({ kind }) => kind)).toEqual(["created", "created", "not_sent", "not_sent"]);
});

test("a refusal to let a call go for another reason is an error", async () => {
  const call: Call = { ...callOf(), write: () => Promise.reject(new Error("fenced")) };
  const { sendAll } = new AllOrNone(new Set(), 0);
  await expect(bisect(itemsOf(2), { call, sendAll, maxCalls: 10 })).rejects.toThrow("fenced");
});
