import { expect, onTestFinished, test, vi } from "vitest";
import { Supply } from "../../../src/activities/batch/supply.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import type { WorkRange } from "../../../src/ledger/work-items.ts";
import { freshSqlite, seedItems } from "../../ledger/ledgers.ts";

test("a claim counts from before it was asked for: a worker may sleep between its commit and its answer", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const ledger = await freshSqlite().open();
  const range = await seedItems(ledger, 3);
  const askedAtMs = Date.now();
  const supply = supplyOf(sleepingAfterCommit(ledger, 30_000), range);

  const item = await supply.next();

  expect(Date.now() - askedAtMs).toBeGreaterThanOrEqual(30_000);
  expect(item?.ordinal).toBe(1);
  expect(item?.claimedAtMs).toBe(askedAtMs);
});

/** The ledger of a process that is frozen each time when its change is committed and not yet answered. */
function sleepingAfterCommit(ledger: Ledger, sleepMs: number): Ledger {
  return {
    ...ledger,
    changeSoon: async (statement) => {
      const result = await ledger.changeSoon(statement);
      vi.setSystemTime(Date.now() + sleepMs);
      return result;
    },
  };
}

function supplyOf(ledger: Ledger, range: WorkRange): Supply<null> {
  return new Supply({
    ledger,
    range,
    fence: 1,
    reserve: async (wanted) => Array.from({ length: wanted }, () => ({ dueAtMs: 0, epoch: 0 })),
    due: async () => {},
    groupSize: 2,
    open: 3,
    signal: new AbortController().signal,
    prepare: async (items) => items.map(() => ({ payload: null, recordHash: "" })),
  });
}
