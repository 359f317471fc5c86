import { expect } from "vitest";
import { ledgerQueue } from "../../../src/engine/batch/queue.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { addItems } from "../../../src/ledger/queue.ts";
import { subOf, testOnBoth } from "../../ledger/ledgers.ts";

const RUN = { migrationId: 1, generation: 1 };

/** Whether all that was written so far is on disk when a claim resolves. */
async function isOnDiskAfterClaim(
  ledger: Ledger,
  phase: "users" | "memberships",
  intent: "create" | "remove",
) {
  const items = [1, 2].map((one) => ({ kind: "user", key: subOf(one), intent, doubtSinceMs: null }) as const);
  await ledger.write((tx) => addItems(tx, RUN, phase, 0, items));
  let isSynced = false;
  const watched: Ledger = {
    ...ledger,
    changeSoon: (statement) => {
      isSynced = false;
      return ledger.changeSoon(statement);
    },
    sync: async () => {
      await ledger.sync();
      isSynced = true;
    },
  };
  const pulse = {
    ...{ fence: 1, signal: new AbortController().signal },
    show: () => undefined,
    throwIfCancelled: () => undefined,
    during: <T>(_: number, work: (operation: never) => Promise<T>) => work(undefined as never),
  };
  const queue = ledgerQueue(watched, { ...RUN, phase, from: 1, to: 2 }, pulse);
  expect(await queue.claim(2, false)).toHaveLength(2);
  return isSynced;
}

testOnBoth(
  "a removal is on disk before its call, as its absence tells later who removed it",
  async ({ open }) => {
    const ledger = await open();
    expect(await isOnDiskAfterClaim(ledger, "users", "remove")).toBe(true);
    expect(await isOnDiskAfterClaim(ledger, "memberships", "create")).toBe(false);
  },
);
