import fc from "fast-check";
import { sql } from "kysely";
import { expect } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { type PhaseCounts, phaseCounts } from "../../src/ledger/phase-counts.ts";
import { addWorkItems, lastOrdinal, replanWorkItems } from "../../src/ledger/plan.ts";
import { claim, reopen, type Settlement, settle } from "../../src/ledger/work-items.ts";
import { subOf, testOnBoth } from "./ledgers.ts";

type Step =
  | { do: "add"; items: number }
  | { do: "claim"; limit: number }
  | { do: "settle"; states: Settlement["state"][] }
  | { do: "reopen"; code: string }
  | { do: "replan"; ordinals: number[]; to: "pending" | "skipped" };

const state = fc.constantFrom<Settlement["state"]>("pending", "done", "failed", "skipped");
const code = fc.constantFrom("one", "two");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("add" as const), items: fc.integer({ min: 0, max: 6 }) }),
  fc.record({ do: fc.constant("claim" as const), limit: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant("settle" as const), states: fc.array(state, { maxLength: 6 }) }),
  fc.record({ do: fc.constant("reopen" as const), code }),
  fc.record({
    do: fc.constant("replan" as const),
    ordinals: fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 8 }),
    to: fc.constantFrom("pending" as const, "skipped" as const),
  }),
);

async function play(ledger: Ledger, migrationId: number, steps: readonly Step[]): Promise<void> {
  const range = { migrationId, phase: "users", from: 1, to: 1_000 } as const;
  let held: { fence: number; ordinal: number }[] = [];
  for (const [index, one] of steps.entries()) {
    const fence = index + 1;
    await ledger.write(async (tx) => {
      if (one.do === "add") {
        const last = await lastOrdinal(tx, migrationId, "users");
        const subs = Array.from({ length: one.items }, (_, added) => subOf(last + added + 1));
        await addWorkItems(tx, migrationId, "users", last, subs);
      } else if (one.do === "claim") {
        held = (await claim(tx, range, fence, one.limit)).map(({ ordinal }) => ({ fence, ordinal }));
      } else if (one.do === "settle") {
        const settlements = one.states.flatMap((to, item): Settlement[] => {
          const ordinal = held[item]?.ordinal;
          if (ordinal === undefined) return [];
          const settled = { inDoubt: false, message: null, how: null, destinationId: null, recordHash: null };
          return [{ ...settled, ordinal, state: to, code: to === "failed" ? "one" : null }];
        });
        await settle(tx, range, held[0]?.fence ?? 0, settlements);
        held = held.slice(settlements.length);
      } else if (one.do === "reopen") {
        await reopen(tx, migrationId, "users", one.code);
      } else {
        await replanWorkItems(tx, migrationId, "users", one.ordinals.map(subOf), one.to);
        held = [];
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
      const totals = await ledger.read((db) => phaseCounts(db, migrationId, "users"));
      expect(totals).toEqual(await counted(ledger, migrationId));
    }),
    { numRuns: 40 },
  );
});
