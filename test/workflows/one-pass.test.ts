import { expect, test } from "vitest";
import { blocked } from "../../src/domain/blocked.ts";
import type { Blocked, OpenWork, PhaseTotals, Progress } from "../../src/domain/contract.ts";
import { onePass, type PassPorts, type Range } from "../../src/workflows/one-pass.ts";

const TOTALS: PhaseTotals = { done: 1, failed: 0, skipped: 0, of: 9 };
const SENT: Progress = { status: "complete", totals: TOTALS };

function ranges(...from: number[]): OpenWork {
  return { status: "work", ranges: from.map((one) => ({ from: one, to: one + 9 })), totals: TOTALS };
}

/** A ledger that answers these, one after the other, and batches that a test ends by hand. */
function rig(answers: readonly (OpenWork | Blocked)[], change: Partial<PassPorts> = {}) {
  const asked: number[] = [];
  const begun: { range: Range; end: (result: Progress | Blocked) => void; fail: (error: Error) => void }[] =
    [];
  let stops = 0;
  const ports: PassPorts = {
    async findOpenWork(from) {
      asked.push(from);
      return answers[asked.length - 1] ?? ranges();
    },
    send(range) {
      const { promise, resolve, reject } = Promise.withResolvers<Progress | Blocked>();
      begun.push({ range, end: resolve, fail: reject });
      return promise;
    },
    isHistoryLong: () => false,
    stop() {
      stops += 1;
    },
    onTotals: () => undefined,
    ...change,
  };
  const pass = onePass(ports);
  return {
    pass,
    asked,
    begun,
    stops: () => stops,
    /** Lets everything go on that can. */
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

test("a phase without open work is complete", async () => {
  const { pass, asked, begun } = rig([]);
  expect(await pass).toEqual({ status: "complete", totals: TOTALS });
  expect(asked).toEqual([1]);
  expect(begun).toEqual([]);
});

test("four batches are at work at once, and the next begins when one ends", async () => {
  const { pass, asked, begun, turn } = rig([ranges(1, 11, 21, 31, 41), ranges()]);
  await turn();
  expect(begun.map(({ range }) => range.from)).toEqual([1, 11, 21, 31]);
  begun[2]?.end(SENT);
  await turn();
  expect(begun.map(({ range }) => range)[4]).toEqual({ from: 41, to: 50 });
  for (const batch of begun) batch.end(SENT);
  expect(await pass).toEqual({ status: "more", totals: TOTALS });
  // It asks on from behind the last range that it was given, once for all lanes.
  expect(asked).toEqual([1, 51]);
});

test("a batch that parks stops the others, and nothing more begins", async () => {
  const parked = blocked("access_lost_destination");
  const { pass, begun, turn, stops } = rig([ranges(1, 11, 21, 31, 41)]);
  await turn();
  begun[0]?.end(parked);
  await turn();
  expect(stops()).toBe(1);
  for (const batch of begun.slice(1)) batch.fail(new Error("cancelled"));
  expect(await pass).toEqual(parked);
  expect(begun).toHaveLength(4);
});

test("a ledger that parks the run ends the pass with its reason", async () => {
  const parked = blocked("foreign_worker");
  const { pass, begun } = rig([parked]);
  expect(await pass).toEqual(parked);
  expect(begun).toEqual([]);
});

test("a failure waits for the batches that are still in flight", async () => {
  const { pass, begun, turn } = rig([ranges(1, 11)]);
  await turn();
  let isOver = false;
  const over = pass.catch((error: unknown) => {
    isOver = true;
    return error;
  });
  begun[0]?.fail(new Error("timed out"));
  await turn();
  expect(isOver).toBe(false);
  begun[1]?.end(SENT);
  expect(await over).toMatchObject({ message: "timed out" });
});

test("a long history begins no further batch", async () => {
  let isLong = false;
  const { pass, begun, turn } = rig([ranges(1, 11, 21, 31, 41)], { isHistoryLong: () => isLong });
  await turn();
  isLong = true;
  for (const batch of begun) batch.end(SENT);
  expect(await pass).toMatchObject({ status: "more" });
  expect(begun).toHaveLength(4);
});
