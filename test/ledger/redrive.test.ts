import { expect } from "vitest";
import { type CursorId, moveCursor, readCursor, takeCursor } from "../../src/ledger/cursors.ts";
import { beginMailRecord, copyMails, mailRecordPosition } from "../../src/ledger/mail-record.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { reopenItems } from "../../src/ledger/queue-reopening.ts";
import { beginRedrive, failedWork, hasBegun, hasEnded, takeUpOpen } from "../../src/ledger/redrive.ts";
import { VERIFICATION } from "../../src/ledger/verification.ts";
import { subOf, testOnBoth } from "./ledgers.ts";

/** A queue that has ended is worked on once more. */

const RUN = { migrationId: 1, generation: 1 };
const USERS = { ...RUN, phase: "users" as const, from: 1, to: 9 };
const ALL = { after: 0, to: 9 };
/** By the clock of a server that was ahead. */
const FENCE_AHEAD = 9_000;
const FENCE = 10;

testOnBoth(
  "what failed, was left out or is open is claimed by the redrive, whichever server's clock its fence is of, and by no attempt from before",
  async ({ open }) => {
    const ledger = await open();
    await ledger.write(async (tx) => {
      const items = [1, 2, 3, 4, 5, 6].map((one) => ({
        kind: "user" as const,
        key: subOf(one),
        intent: "create" as const,
        doubtSinceMs: null,
      }));
      await addItems(tx, RUN, "users", 0, items);
      const ends = [
        [1, "failed", "refused"],
        [2, "skipped", "user_not_imported"],
        [3, "skipped", "exists_at_destination"],
        [4, "done", null],
        [5, "sending", null],
      ] as const;
      for (const [ordinal, state, code] of ends)
        await tx.updateTable("work_items").set({ state, code }).where("ordinal", "=", ordinal).execute();
      await tx.updateTable("work_items").set({ fence: FENCE_AHEAD, first_claimed_at_ms: 1 }).execute();
      await tx.deleteFrom("phase_counts").execute();
      const counts = { pending: 2, done: 1, failed: 1, skipped: 2 } as const;
      for (const [state, count] of Object.entries(counts))
        await tx
          .insertInto("phase_counts")
          .values({ migration_id: 1, generation: 1, phase: "users", state: state as never, items: count })
          .execute();
    });
    const found = await ledger.read((db) => failedWork(db, RUN, "users", ALL, 10));
    expect(found.map(({ ordinal }) => ordinal)).toEqual([1, 2]);
    await ledger.write(async (tx) => {
      expect(await takeUpOpen(tx, RUN, "users", ALL, FENCE - 1)).toBe(2);
      expect(await reopenItems(tx, RUN, "users", found, FENCE - 1)).toBe(2);
    });
    expect(await ledger.read((db) => phaseCounts(db, RUN, "users"))).toEqual({
      pending: 4,
      done: 1,
      failed: 0,
      skipped: 1,
    });
    // An attempt of the run that failed asks nobody before it sends.
    expect(await ledger.write((tx) => claim(tx, USERS, FENCE - 2, 10))).toEqual([]);
    const claimed = await ledger.write((tx) => claim(tx, USERS, FENCE, 10));
    expect(claimed.map(({ ordinal, inDoubt }) => [ordinal, inDoubt])).toEqual([
      [1, false],
      [2, false],
      // Its call may have taken effect.
      [5, true],
      [6, false],
    ]);
  },
);

testOnBoth(
  "a redrive reads the record of mails from its beginning, and looks at everything anew",
  async ({ open }) => {
    const ledger = await open();
    const walked = async (name: string) => {
      const id: CursorId = { ...RUN, name };
      await takeCursor(ledger, id, FENCE_AHEAD);
      await ledger.write((tx) =>
        moveCursor(tx, id, FENCE_AHEAD, { position: "p", done: true, counters: { seen: 1 } }),
      );
    };
    await ledger.write((tx) => beginMailRecord(tx, 1));
    const { beganAtMs } = await ledger.read((db) => mailRecordPosition(db, RUN));
    const mail = { userId: "user_of_nobody", resetId: "reset_1", atMs: (beganAtMs ?? 0) + 5 };
    await ledger.write((tx) => copyMails(tx, RUN, [mail], "mailed", Number.MAX_SAFE_INTEGER));
    expect((await ledger.read((db) => mailRecordPosition(db, RUN))).copiedAtMs).toBe(mail.atMs);
    const named = { id: 1, generation: 1 };
    await walked("plan");
    expect(await ledger.read((db) => hasEnded(db, named))).toBe(false);
    for (const name of ["report", "resets", VERIFICATION]) await walked(name);
    expect(await ledger.read((db) => hasEnded(db, named))).toBe(true);

    await ledger.write((tx) => beginRedrive(tx, RUN, "redrive"));
    expect((await ledger.read((db) => mailRecordPosition(db, RUN))).copiedAtMs).toBeNull();
    for (const name of ["report", "resets", VERIFICATION]) {
      expect((await readCursor(ledger, { ...RUN, name })).done).toBe(false);
      // Nobody's clock is in the way.
      await takeCursor(ledger, { ...RUN, name }, FENCE);
    }
    expect((await readCursor(ledger, { ...RUN, name: "plan" })).done).toBe(true);
    // One that was cut off is followed by another one.
    expect(await ledger.read((db) => hasEnded(db, named))).toBe(true);
    expect(await ledger.read((db) => hasBegun(db, { ...RUN, firstRunId: "redrive" }))).toBe(true);
    expect(await ledger.read((db) => hasBegun(db, { ...RUN, firstRunId: "another" }))).toBe(false);
  },
);
