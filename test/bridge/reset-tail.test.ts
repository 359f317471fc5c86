import { expect, test } from "vitest";
import { ResetTail } from "../../src/bridge/reset-tail.ts";
import type { Answer } from "../../src/destinations/destination.ts";
import type { CompletedReset } from "../../src/destinations/sign-in.ts";
import { copyResets, hasCompletedReset } from "../../src/ledger/bridge.ts";
import { freshSqlite } from "../ledger/ledgers.ts";

type Page = Answer<CompletedReset[]>;

/** A list of events that answers when it is told to. */
function listOf(...events: CompletedReset[]) {
  const asked: (string | null)[] = [];
  const waiting: (() => void)[] = [];
  return {
    asked,
    events,
    read(after: string | null): Promise<Page> {
      asked.push(after);
      // What a page holds is decided when the question arrives.
      const from = after === null ? 0 : events.findIndex(({ eventId }) => eventId === after) + 1;
      const value = events.slice(from, from + 1);
      return new Promise((resolve) => waiting.push(() => resolve({ ok: true, value })));
    },
    async answerAll(done: Promise<unknown>) {
      let isDone = false;
      const end = done.then(() => {
        isDone = true;
      });
      while (!isDone) {
        waiting.shift()?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await end;
    },
  };
}

const event = (name: string, atMs = Date.now()): CompletedReset => ({
  accountId: `user_${name}`,
  eventId: `event_${name}`,
  atMs,
});

const KEPT_MS = 29 * 24 * 3_600_000;

test("the tail is read to its end, and the next time from there", async () => {
  const ledger = await freshSqlite().open();
  const list = listOf(event("a"), event("b"));
  const tail = new ResetTail(ledger, list.read, KEPT_MS);
  await list.answerAll(tail.catchUp(1));
  await list.answerAll(tail.catchUp(1));
  expect(list.asked).toEqual([null, "event_a", "event_b", "event_b"]);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, "user_b"))).toBe(true);
});

test("whoever asks during a read waits for the next one, all together", async () => {
  const ledger = await freshSqlite().open();
  const list = listOf();
  const tail = new ResetTail(ledger, list.read, KEPT_MS);
  const first = tail.catchUp(1);
  await expect.poll(() => list.asked.length).toBe(1);
  list.events.push(event("late"));
  const [second, third] = [tail.catchUp(1), tail.catchUp(1)];
  await list.answerAll(Promise.all([first, second, third]));
  expect(list.asked).toEqual([null, null, "event_late"]);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, "user_late"))).toBe(true);
});

test("a failed read fails those who waited for it, and nobody after", async () => {
  const ledger = await freshSqlite().open();
  const answers: Page[] = [
    { ok: false, problem: "unavailable", code: "http_503" },
    { ok: true, value: [] },
  ];
  const tail = new ResetTail(ledger, async () => answers.shift() ?? { ok: true, value: [] }, KEPT_MS);
  expect(await tail.catchUp(1)).toMatchObject({ ok: false, code: "http_503" });
  expect(await tail.catchUp(1)).toEqual({ ok: true, value: null });
});

test.each([
  ["its own next one", ["a", "a"]],
  ["an earlier one", ["a", "b", "a"]],
])("a list that leads from a page to %s is an outage, and is not read for ever", async (_, names) => {
  const ledger = await freshSqlite().open();
  let page = 0;
  const read = async (): Promise<Page> => {
    page += 1;
    return { ok: true, value: [event(names[(page - 1) % names.length] ?? "")] };
  };
  const tail = new ResetTail(ledger, read, KEPT_MS);
  expect(await tail.catchUp(1)).toEqual({ ok: false, problem: "unavailable", code: "endless_list" });
  expect(page).toBe(names.length);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, "user_a"))).toBe(true);
});

test("a place in the list that is older than the list is left", async () => {
  const ledger = await freshSqlite().open();
  const longAgoMs = Date.now() - 31 * 24 * 3_600_000;
  await ledger.write((tx) => copyResets(tx, 1, [event("old", longAgoMs)]));
  const list = listOf();
  await list.answerAll(new ResetTail(ledger, list.read, KEPT_MS).catchUp(1));
  expect(list.asked).toEqual([null]);
});

test("a place that the list does not know is left for good, and everything is read from the start", async () => {
  const ledger = await freshSqlite().open();
  const lost = event("lost", Date.now());
  await ledger.write((tx) => copyResets(tx, 1, [lost]));
  const earlier = event("earlier", Date.now() - 60_000);
  const asked: (string | null)[] = [];
  const read = async (after: string | null): Promise<Page> => {
    asked.push(after);
    if (after === lost.eventId) return { ok: false, problem: "refused", code: "invalid_cursor" };
    return { ok: true, value: after === null ? [earlier] : [] };
  };
  const tail = new ResetTail(ledger, read, KEPT_MS);
  expect(await tail.catchUp(1)).toEqual({ ok: true, value: null });
  expect(await tail.catchUp(1)).toEqual({ ok: true, value: null });
  expect(asked).toEqual([lost.eventId, null, earlier.eventId, earlier.eventId]);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, earlier.accountId))).toBe(true);
});

test("a list that refuses its start is no place that is lost", async () => {
  const ledger = await freshSqlite().open();
  const refused: Page = { ok: false, problem: "refused", code: "invalid" };
  await ledger.write((tx) => copyResets(tx, 1, [event("a")]));
  const asked: (string | null)[] = [];
  const read = async (after: string | null): Promise<Page> => {
    asked.push(after);
    return refused;
  };
  expect(await new ResetTail(ledger, read, KEPT_MS).catchUp(1)).toEqual(refused);
  expect(asked).toEqual(["event_a", null]);
});
