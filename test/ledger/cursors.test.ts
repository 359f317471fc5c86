import { expect } from "vitest";
import { type Cursor, moveCursor, readCursor, takeCursor } from "../../src/ledger/cursors.ts";
import { FencedError } from "../../src/ledger/errors.ts";
import { addGroupMembers } from "../../src/ledger/source-users.ts";
import { testOnBoth } from "./ledgers.ts";

const ID = { migrationId: 1, generation: 1, name: "snapshot" };
const FRESH: Cursor = { position: null, done: false, counters: {} };
const HALF: Cursor = { position: "token", done: false, counters: { users: 60, pages: 1 } };
/** As large as an attempt's fence is: an instant in milliseconds. */
const FENCE = 1_900_000_000_000;

testOnBoth("a walk goes on where it stood", async ({ open }) => {
  const ledger = await open();
  expect(await readCursor(ledger, ID)).toEqual(FRESH);
  expect(await takeCursor(ledger, ID, FENCE)).toEqual(FRESH);
  await ledger.write((tx) => moveCursor(tx, ID, FENCE, HALF));
  expect(await takeCursor(ledger, ID, FENCE)).toEqual(HALF);
  expect(await takeCursor(ledger, ID, FENCE + 1)).toEqual(HALF);
  await ledger.write((tx) => moveCursor(tx, ID, FENCE + 1, { ...HALF, position: null, done: true }));
  expect(await readCursor(ledger, ID)).toEqual({ ...HALF, position: null, done: true });
});

testOnBoth("an earlier attempt loses walk and rows", async ({ open }) => {
  const ledger = await open();
  await takeCursor(ledger, ID, FENCE);
  await takeCursor(ledger, ID, FENCE + 1);
  await expect(takeCursor(ledger, ID, FENCE)).rejects.toThrow(FencedError);
  const late = ledger.write(async (tx) => {
    await addGroupMembers(tx, { migrationId: 1, generation: 1 }, "admins", ["a"]);
    await moveCursor(tx, ID, FENCE, HALF);
  });
  await expect(late).rejects.toThrow(FencedError);
  expect(await readCursor(ledger, ID)).toEqual(FRESH);
  expect(await ledger.read((db) => db.selectFrom("group_members").selectAll().execute())).toEqual([]);
});

testOnBoth("a new generation starts its walks afresh", async ({ open }) => {
  const ledger = await open();
  await takeCursor(ledger, ID, FENCE);
  await ledger.write((tx) => moveCursor(tx, ID, FENCE, HALF));
  const next = { ...ID, generation: 2 };
  expect(await readCursor(ledger, next)).toEqual(FRESH);
  expect(await takeCursor(ledger, next, FENCE + 1)).toEqual(FRESH);
  expect(await readCursor(ledger, ID)).toEqual(FRESH);
  await expect(ledger.write((tx) => moveCursor(tx, ID, FENCE, HALF))).rejects.toThrow(FencedError);
});

testOnBoth(
  "a new generation has the walk whatever its fence, and no earlier one takes it back",
  async ({ open }) => {
    const ledger = await open();
    await takeCursor(ledger, ID, FENCE);
    const next = { ...ID, generation: 2 };
    expect(await takeCursor(ledger, next, FENCE - 1_000)).toEqual(FRESH);
    await expect(ledger.write((tx) => moveCursor(tx, ID, FENCE, HALF))).rejects.toThrow(FencedError);
    await expect(ledger.write((tx) => moveCursor(tx, ID, FENCE - 1_000, HALF))).rejects.toThrow(FencedError);
    await ledger.write((tx) => moveCursor(tx, next, FENCE - 1_000, HALF));
    await expect(takeCursor(ledger, ID, FENCE + 1)).rejects.toThrow(FencedError);
    expect(await takeCursor(ledger, next, FENCE)).toEqual(HALF);
  },
);

testOnBoth("walks of other names stand apart", async ({ open }) => {
  const ledger = await open();
  await takeCursor(ledger, ID, FENCE);
  await ledger.write((tx) => moveCursor(tx, ID, FENCE, HALF));
  expect(await takeCursor(ledger, { ...ID, name: "plan" }, 1)).toEqual(FRESH);
  expect(await takeCursor(ledger, { ...ID, migrationId: 2 }, 1)).toEqual(FRESH);
});
