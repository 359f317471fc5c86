import fc from "fast-check";
import { sql } from "kysely";
import { expect } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { type PhaseCounts, phaseCounts } from "../../src/ledger/phase-counts.ts";
import { addItems, type ClaimedItem, type Settlement } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { lastOrdinal } from "../../src/ledger/queue-questions.ts";
import { reopenSome } from "../../src/ledger/queue-reopening.ts";
import { overtake, settle } from "../../src/ledger/queue-settlements.ts";
import { endedAs, madeOf, subOf, testOnBoth } from "./ledgers.ts";

type Step =
  | { do: "add"; items: number }
  | { do: "claim"; limit: number }
  | { do: "settle"; states: Settlement["state"][] }
  | { do: "reopen"; code: string }
  | { do: "overtake"; ordinal: number };

const state = fc.constantFrom<Settlement["state"]>("pending", "done", "failed", "skipped");
const code = fc.constantFrom("one", "two");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("add" as const), items: fc.integer({ min: 0, max: 6 }) }),
  fc.record({ do: fc.constant("claim" as const), limit: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant("settle" as const), states: fc.array(state, { maxLength: 6 }) }),
  fc.record({ do: fc.constant("reopen" as const), code }),
  fc.record({ do: fc.constant("overtake" as const), ordinal: fc.integer({ min: 1, max: 20 }) }),
);

async function play(ledger: Ledger, migrationId: number, steps: readonly Step[]): Promise<void> {
  const run = { migrationId, generation: 1 };
  const range = { ...run, phase: "users", from: 1, to: 1_000 } as const;
  let held: { fence: number; item: ClaimedItem }[] = [];
  for (const [index, one] of steps.entries()) {
    const fence = index + 1;
    await ledger.write(async (tx) => {
      if (one.do === "add") {
        const last = await lastOrdinal(tx, run, "users");
        const items = Array.from({ length: one.items }, (_, added) => ({
          kind: "user" as const,
          key: subOf(last + added + 1),
          intent: "create" as const,
          doubtSinceMs: null,
        }));
        await addItems(tx, run, "users", last, items);
      } else if (one.do === "claim") {
        held = (await claim(tx, range, fence, one.limit)).map((item) => ({ fence, item }));
      } else if (one.do === "settle") {
        const settlements = one.states.flatMap((to, at): Settlement[] => {
          const item = held[at]?.item;
          if (item === undefined) return [];
          return [to === "done" ? madeOf(item) : endedAs(item, to, to === "failed" ? "one" : null)];
        });
        await settle(tx, range, held[0]?.fence ?? 0, settlements);
        held = held.slice(settlements.length);
      } else if (one.do === "reopen") {
        await reopenSome(tx, run, "users", one.code);
      } else {
        await overtake(tx, run, "users", { kind: "user", keys: [subOf(one.ordinal)] });
      }
    });
  }
}

/** The truth that the kept totals must equal; what is in flight counts as pending. */
async function counted(ledger: Ledger, migrationId: number): Promise<PhaseCounts> {
  const { rows } = await ledger.read((db) =>
    sql<{ state: keyof PhaseCounts; items: number }>`
      select case when state = 'sending' then 'pending' else state end as state, count(*) as items
      from work_items where migration_id = ${migrationId} group by 1`.execute(db),
  );
  const counts: PhaseCounts = { pending: 0, done: 0, failed: 0, skipped: 0 };
  for (const row of rows) counts[row.state] = Number(row.items);
  return counts;
}

testOnBoth("kept totals equal a count of the rows", async ({ open }) => {
  const ledger = await open();
  let migrationId = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      migrationId += 1;
      await play(ledger, migrationId, [{ do: "add", items: 5 }, ...steps]);
      const totals = await ledger.read((db) => phaseCounts(db, { migrationId, generation: 1 }, "users"));
      expect(totals).toEqual(await counted(ledger, migrationId));
    }),
    { numRuns: 40 },
  );
});
