import { expect, test } from "vitest";
import { type PlacedMembership, untilMadeAnew } from "../../src/activities/memberships/made-anew.ts";
import type { Answer } from "../../src/destinations/destination.ts";
import type { Call, Item, Outcome } from "../../src/destinations/sending.ts";
import { UNTAKEN } from "../../src/destinations/untaken.ts";

const MISSING: Outcome = { kind: "rejected", code: "user_or_organization_missing", message: "" };

/** Organizations that are there by id; `answers` are those of the look-ups, in order. */
function setUp(there: ReadonlySet<string>, answers: Answer<string | null>[]) {
  const looked: string[] = [];
  const written: Item<unknown>[] = [];
  const call: Call = {
    signal: new AbortController().signal,
    nowMs: () => 0,
    read: async () => {},
    write: async (items = []) => void written.push(...items),
  };
  const sender = untilMadeAnew(
    {
      ...UNTAKEN.memberships,
      itemsPerCall: 10,
      async send(items, { write }) {
        await write(items);
        return items.map(
          ({ record }): Outcome =>
            there.has(record.organizationId)
              ? { kind: "created", destinationId: `${record.userId} of ${record.organizationId}` }
              : MISSING,
        );
      },
    },
    async ({ key }, beforeEach) => {
      await beforeEach();
      looked.push(key);
      return answers.shift() ?? { ok: true, value: null };
    },
  );
  return { send: (items: readonly Item<PlacedMembership>[]) => sender.send(items, call), looked, written };
}

function itemOf(userId: string, organization: string): Item<PlacedMembership> {
  const record = { userId, organization, organizationId: `old ${organization}`, roles: [] };
  return { key: userId, record, firstClaimedAtMs: 0, lastTriedAtMs: 0, inDoubt: false };
}

test("an organization that was made anew is looked up once, and takes whoever was refused", async () => {
  const items = [itemOf("ada", "acme"), itemOf("bob", "acme"), itemOf("eve", "globex")];
  const { send, looked, written } = setUp(new Set(["new acme", "old globex"]), [
    { ok: true, value: "new acme" },
  ]);
  const [, , eve] = await send(items);
  expect(eve).toEqual({ kind: "created", destinationId: "eve of old globex" });
  expect(
    (await send(items.slice(0, 2))).map((outcome) => "destinationId" in outcome && outcome.destinationId),
  ).toEqual(["ada of new acme", "bob of new acme"]);
  expect(looked).toEqual(["acme"]);
  // The batch knows its own items alone.
  expect(written.every((item) => items.some((own) => own === item))).toBe(true);
});

test("where the organization is as it was, or gone, the refusal stands", async () => {
  const { send, looked } = setUp(new Set(), [
    { ok: true, value: "old acme" },
    { ok: true, value: null },
  ]);
  const items = [itemOf("ada", "acme"), itemOf("eve", "globex")];
  expect(await send(items)).toEqual([MISSING, MISSING]);
  expect(await send(items)).toEqual([MISSING, MISSING]);
  expect(looked).toEqual(["acme", "globex"]);
});

test("a look-up without an answer refuses nobody, and is made again", async () => {
  const { send, looked } = setUp(new Set(["new acme"]), [
    { ok: false, problem: "slow_down", retryAfterMs: 7_000 },
    { ok: true, value: "new acme" },
  ]);
  expect(await send([itemOf("ada", "acme")])).toEqual([{ kind: "slow_down", retryAfterMs: 7_000 }]);
  expect(await send([itemOf("ada", "acme")])).toEqual([{ kind: "not_sent" }]);
  expect(looked).toEqual(["acme", "acme"]);
});
