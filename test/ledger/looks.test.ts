import { expect } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { duePeople, type Look, lookAt, noteLooks } from "../../src/ledger/looks.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { subOf, testOnBoth } from "./ledgers.ts";

const RUN = { migrationId: 1, generation: 1 };
const NEXT_RUN = { migrationId: 1, generation: 2 };
const MINUTE_MS = 60_000;
const MAX_AGE_MS = 9 * MINUTE_MS;
const ALL = { ...RUN, phase: "resets", from: 1, to: 100 } as const;

const STANDING = {
  status: "CONFIRMED",
  enabled: true,
  native: true,
  email: "ada@example.com",
  emailVerified: true,
};

function look(ordinal: number, agoMs = 0, standing: Look["standing"] = STANDING): Look {
  return { sub: subOf(ordinal), lookedAtMs: Date.now() - agoMs, standing };
}

async function queueMails(ledger: Ledger, people: number, run = RUN): Promise<void> {
  const items = Array.from({ length: people }, (_, index) => ({
    ...({ kind: "user", key: subOf(index + 1), intent: "mail", doubtSinceMs: null } as const),
  }));
  await ledger.write((tx) => addItems(tx, run, "resets", 0, items));
}

function note(ledger: Ledger, looks: readonly Look[], sinceMs = Date.now(), run = RUN): Promise<number> {
  return ledger.write((tx) => noteLooks(tx, run, looks, sinceMs));
}

async function due(ledger: Ledger, limit = 100): Promise<[string, boolean][]> {
  const people = await ledger.read((db) => duePeople(db, ALL, MAX_AGE_MS, limit));
  return people.map(({ sub, isLookedAt }) => [sub, isLookedAt]);
}

function seen(ledger: Ledger, ordinal: number, run = RUN) {
  return ledger.read((db) => lookAt(db, run, subOf(ordinal), MAX_AGE_MS));
}

testOnBoth(
  "those who are due are told in their order, and who of them was not looked at lately",
  async ({ open }) => {
    const ledger = await open();
    await queueMails(ledger, 6);
    // In the hands of an attempt, whichever becomes of it.
    await ledger.write((tx) => claim(tx, { ...ALL, from: 6, to: 6 }, 1, 1));
    const gone = look(2, 0, null);
    const kept = await note(ledger, [look(1), gone, look(3, 10 * MINUTE_MS), look(4, -MINUTE_MS), look(9)]);
    expect(kept).toBe(4);
    const first = [
      [subOf(1), true],
      [subOf(2), true],
      [subOf(3), false],
    ];
    expect(await due(ledger)).toEqual([...first, [subOf(4), false], [subOf(5), false]]);
    expect(await due(ledger, 3)).toEqual(first);
    expect(await seen(ledger, 1)).toEqual({ standing: STANDING });
    expect(await seen(ledger, 2)).toEqual({ standing: null });
    // Old, of a clock that was set back since, never made, of nobody who is due.
    for (const ordinal of [3, 4, 5, 9]) expect(await seen(ledger, ordinal)).toBeUndefined();
  },
);

testOnBoth(
  "a later look takes the place of an earlier one, unless they are of one walk",
  async ({ open }) => {
    const ledger = await open();
    await queueMails(ledger, 2);
    const walkBeganAtMs = Date.now() - 2 * MINUTE_MS;
    expect(await note(ledger, [look(1, MINUTE_MS), look(1, MINUTE_MS)], walkBeganAtMs)).toBe(1);
    const other = { ...STANDING, enabled: false };
    expect(await note(ledger, [look(1, 0, other), look(2)], walkBeganAtMs)).toBe(1);
    expect(await seen(ledger, 1)).toEqual({ standing: STANDING });
    expect(await note(ledger, [look(1, 0, other)])).toBe(1);
    expect(await seen(ledger, 1)).toEqual({ standing: other });
    // One of the future would stay for ever.
    expect(await note(ledger, [look(2, -60 * MINUTE_MS)], Date.now() + 60 * MINUTE_MS)).toBe(1);
    expect(await note(ledger, [look(2)])).toBe(1);
    expect(await seen(ledger, 2)).toEqual({ standing: STANDING });
  },
);

testOnBoth("a look of an earlier run says nothing of the plan of the next", async ({ open }) => {
  const ledger = await open();
  await queueMails(ledger, 1);
  await note(ledger, [look(1)]);
  await queueMails(ledger, 1, NEXT_RUN);
  expect(await seen(ledger, 1, NEXT_RUN)).toBeUndefined();
  expect(await note(ledger, [look(1, MINUTE_MS)], 0, NEXT_RUN)).toBe(1);
  expect(await seen(ledger, 1, NEXT_RUN)).toEqual({ standing: STANDING });
});

testOnBoth("what no database keeps is no matter in a look", async ({ open }) => {
  const ledger = await open();
  await queueMails(ledger, 1);
  const odd = { ...STANDING, email: "a\u0000\ud800@example.com", status: "NEW\u0000" };
  expect(await note(ledger, [look(1, 0, odd), look(3, 0, odd)])).toBe(1);
  expect(await seen(ledger, 1)).toEqual({
    standing: { ...odd, email: "a\ufffd\ufffd@example.com", status: "NEW\ufffd" },
  });
});
