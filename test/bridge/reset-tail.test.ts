import { expect, onTestFinished, test, vi } from "vitest";
import { OVERLAP_EVERY_MS, ResetTail } from "../../src/bridge/reset-tail.ts";
import type { Answer } from "../../src/destinations/destination.ts";
import type { ResetEvent, ResetEventPage } from "../../src/destinations/sign-in.ts";
import { copyResetEvents, hasCompletedReset, resetPositions } from "../../src/ledger/reset-events.ts";
import { freshSqlite } from "../ledger/ledgers.ts";

type Page = Answer<ResetEventPage>;

/** A list of events, one a page, that answers when it is told to. */
function listOf(...events: ResetEvent[]) {
  const asked: (string | null)[] = [];
  const waiting: (() => void)[] = [];
  return {
    asked,
    events,
    read(after: string | null): Promise<Page> {
      asked.push(after);
      // What a page holds is decided when the question arrives.
      const from = after === null ? 0 : events.findIndex(({ eventId }) => eventId === after) + 1;
      const value = { events: events.slice(from, from + 1), isLast: from + 1 >= events.length };
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

/** A list whose pages hold a hundred. */
function longList(events: ResetEvent[]) {
  const asked: (string | null)[] = [];
  return {
    asked,
    async read(after: string | null): Promise<Page> {
      asked.push(after);
      const from = after === null ? 0 : events.findIndex(({ eventId }) => eventId === after) + 1;
      return {
        ok: true,
        value: { events: events.slice(from, from + 100), isLast: from + 100 >= events.length },
      };
    },
  };
}

const event = (name: string, atMs = Date.now()): ResetEvent => ({
  kind: "completed",
  resetId: `reset_${name}`,
  accountId: `user_${name}`,
  expiresAtMs: atMs + 60_000,
  eventId: `event_${name}`,
  atMs,
});

const LAG_MS = 60_000;
const RECORD = { lagMs: LAG_MS, keptMs: 29 * 24 * 3_600_000 };
/** Whatever a clock says, events of then are listed. */
const longAgoMs = () => Date.now() - 3_600_000;

test("the tail is read to its end, and the next time from there, once nothing before it can be missing", async () => {
  const ledger = await freshSqlite().open();
  const list = listOf(event("a", longAgoMs()), event("b", longAgoMs()));
  const tail = new ResetTail(ledger, list.read, RECORD);
  await list.answerAll(tail.catchUp(1));
  await list.answerAll(tail.catchUp(1));
  expect(list.asked).toEqual([null, "event_a", "event_b"]);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, "user_b"))).toBe(true);
});

test("an event that is listed late behind a newer one is read", async () => {
  const ledger = await freshSqlite().open();
  const [first, late, newer] = [
    event("first", longAgoMs()),
    event("late", Date.now() - 1_000),
    event("newer"),
  ];
  const events = [first, newer];
  const tail = new ResetTail(ledger, longList(events).read, RECORD);
  await tail.catchUp(1);
  await tail.catchUp(1);
  events.splice(1, 0, late);
  await tail.catchUp(1);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, "user_late"))).toBe(true);
});

test("nor is one missed by another process, nor by one that starts anew", async () => {
  const fresh = freshSqlite();
  const events = [event("first", longAgoMs()), event("newer")];
  await new ResetTail(await fresh.open(), longList(events).read, RECORD).catchUp(1);
  events.splice(1, 0, event("late", Date.now() - 1_000));
  const ledger = await fresh.open();
  await new ResetTail(ledger, longList(events).read, RECORD).catchUp(1);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, "user_late"))).toBe(true);
});

test("what was read before is not written again", async () => {
  const ledger = await freshSqlite().open();
  const tail = new ResetTail(ledger, longList([event("a")]).read, RECORD);
  await tail.catchUp(1);
  await ledger.write((tx) => tx.deleteFrom("completed_resets").execute());
  await tail.catchUp(1);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, "user_a"))).toBe(false);
});

test("a ledger that was restored from a back-up hears of it again", async () => {
  const ledger = await freshSqlite().open();
  const tail = new ResetTail(ledger, longList([event("a")]).read, RECORD);
  await tail.catchUp(1);
  await ledger.write(async (tx) => {
    await tx.deleteFrom("completed_resets").execute();
    await tx.deleteFrom("event_positions").execute();
  });
  await tail.catchUp(1);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, "user_a"))).toBe(true);
});

test("where events come fast, those of the lag are read anew now and then, not by everybody", async () => {
  const ledger = await freshSqlite().open();
  const now = Date.now();
  const events = Array.from({ length: 250 }, (_, index) => event(`${index}`, now - 250 + index));
  const list = longList(events);
  const tail = new ResetTail(ledger, list.read, RECORD);
  await tail.catchUp(1);
  expect(list.asked).toEqual([null, "event_99", "event_199"]);
  await tail.catchUp(1);
  expect(list.asked.slice(3)).toEqual(["event_249"]);
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + OVERLAP_EVERY_MS);
  onTestFinished(() => void vi.restoreAllMocks());
  await tail.catchUp(1);
  expect(list.asked.slice(4)).toEqual([null, "event_99", "event_199"]);
});

test("whoever asks during a read waits for the next one, all together", async () => {
  const ledger = await freshSqlite().open();
  const list = listOf();
  const tail = new ResetTail(ledger, list.read, RECORD);
  const first = tail.catchUp(1);
  await expect.poll(() => list.asked.length).toBe(1);
  list.events.push(event("late"));
  const [second, third] = [tail.catchUp(1), tail.catchUp(1)];
  await list.answerAll(Promise.all([first, second, third]));
  expect(list.asked).toEqual([null, null]);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, "user_late"))).toBe(true);
});

test("a failed read fails those who waited for it, and nobody after", async () => {
  const ledger = await freshSqlite().open();
  const answers: Page[] = [{ ok: false, problem: "unavailable", code: "http_503" }];
  const empty: Page = { ok: true, value: { events: [], isLast: true } };
  const tail = new ResetTail(ledger, async () => answers.shift() ?? empty, RECORD);
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
    return { ok: true, value: { events: [event(names[(page - 1) % names.length] ?? "")], isLast: false } };
  };
  const tail = new ResetTail(ledger, read, RECORD);
  expect(await tail.catchUp(1)).toEqual({ ok: false, problem: "unavailable", code: "endless_list" });
  expect(page).toBe(names.length);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, "user_a"))).toBe(true);
});

test("a place in the list that is older than the list is left", async () => {
  const ledger = await freshSqlite().open();
  const old = event("old", Date.now() - 31 * 24 * 3_600_000);
  await ledger.write((tx) => copyResetEvents(tx, 1, [old], old));
  const list = listOf();
  await list.answerAll(new ResetTail(ledger, list.read, RECORD).catchUp(1));
  expect(list.asked).toEqual([null]);
});

test("a place that the list does not know is left for good, and everything is read from the start", async () => {
  const ledger = await freshSqlite().open();
  const lost = event("lost", longAgoMs());
  await ledger.write((tx) => copyResetEvents(tx, 1, [lost], lost));
  const earlier = event("earlier", longAgoMs() - 60_000);
  const asked: (string | null)[] = [];
  const read = async (after: string | null): Promise<Page> => {
    asked.push(after);
    if (after === lost.eventId) return { ok: false, problem: "refused", code: "invalid_cursor" };
    return { ok: true, value: { events: after === null ? [earlier] : [], isLast: true } };
  };
  const tail = new ResetTail(ledger, read, RECORD);
  expect(await tail.catchUp(1)).toEqual({ ok: true, value: null });
  expect(await tail.catchUp(1)).toEqual({ ok: true, value: null });
  expect(asked).toEqual([lost.eventId, null, earlier.eventId]);
  expect(await ledger.read((db) => hasCompletedReset(db, 1, earlier.accountId))).toBe(true);
  expect(await ledger.read((db) => resetPositions(db, 1))).toMatchObject({
    newest: { eventId: earlier.eventId },
    settled: { eventId: earlier.eventId },
  });
});

test("a list that refuses its start is no place that is lost", async () => {
  const ledger = await freshSqlite().open();
  const refused: Page = { ok: false, problem: "refused", code: "invalid" };
  const place = event("a", longAgoMs());
  await ledger.write((tx) => copyResetEvents(tx, 1, [place], place));
  const asked: (string | null)[] = [];
  const read = async (after: string | null): Promise<Page> => {
    asked.push(after);
    return refused;
  };
  expect(await new ResetTail(ledger, read, RECORD).catchUp(1)).toEqual(refused);
  expect(asked).toEqual(["event_a", null]);
});
