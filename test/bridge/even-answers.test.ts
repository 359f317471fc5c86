import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { EvenAnswers } from "../../src/bridge/even-answers.ts";
import { Line } from "../../src/bridge/turns.ts";

const STEP_MS = 200;
const wish = { isShownAtOnce: (outcome: string) => outcome === "session", tooMany: "later" };

async function timed(work: () => Promise<string>, stepMs = STEP_MS) {
  const beganAtMs = performance.now();
  const outcome = await new EvenAnswers(stepMs).of(work, wish);
  return { outcome, tookMs: performance.now() - beganAtMs };
}

test("a refusal comes when a step is over, or two or four where the work takes longer", async () => {
  const { outcome, tookMs } = await timed(async () => "wrong");
  expect(outcome).toBe("wrong");
  // Each of the timers may be a millisecond early.
  expect(tookMs).toBeGreaterThanOrEqual(STEP_MS - 3);
  const late = await timed(() => sleep(STEP_MS * 1.2, "wrong"));
  expect(late.tookMs).toBeGreaterThanOrEqual(2 * STEP_MS - 3);
  const later = await timed(() => sleep(STEP_MS * 2.2, "wrong"));
  expect(later.tookMs).toBeGreaterThanOrEqual(4 * STEP_MS - 3);
});

test.each([0, STEP_MS / 4])(
  "refusals of one line come a step after each other, whatever their work takes: %i ms",
  async (workMs) => {
    const even = new EvenAnswers(STEP_MS);
    const line = new Line();
    const beganAtMs = performance.now();
    const tries = Array.from({ length: 3 }, async () => {
      await even.of(() => sleep(workMs, "wrong"), { ...wish, line });
      return performance.now() - beganAtMs;
    });
    for (const [index, tookMs] of (await Promise.all(tries)).entries())
      expect(tookMs).toBeGreaterThanOrEqual((index + 1) * STEP_MS - 3);
  },
);

test("a session waits for no refusal that is still to be told, and no refusal for its session", async () => {
  const even = new EvenAnswers(STEP_MS);
  const line = new Line();
  const order: string[] = [];
  const told = async (outcome: string) => order.push(await even.of(async () => outcome, { ...wish, line }));
  await Promise.all([told("wrong"), told("wrong"), told("session"), told("wrong")]);
  expect(order).toEqual(["session", "wrong", "wrong", "wrong"]);
});

test("a session waits for nothing, nor does a defect", async () => {
  const farMs = 600_000;
  expect(await timed(async () => "session", farMs)).toMatchObject({ outcome: "session" });
  await expect(timed(() => Promise.reject(new Error("a defect")), farMs)).rejects.toThrow("a defect");
});

test("a caller with less patience gets shorter steps", async () => {
  const even = new EvenAnswers(600_000);
  expect(await even.of(async () => "wrong", { ...wish, longestMs: 10 })).toBe("wrong");
});

test("where a thousand are at work nothing more begins, whoever asks, until one ends", async () => {
  const even = new EvenAnswers(1);
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = Promise.withResolvers<string>();
  const one = even.of(() => first.promise, wish);
  const others = Array.from({ length: 999 }, () => even.of(() => promise, wish));
  let begun = 0;
  const next = () => {
    const work = async () => {
      begun += 1;
      return "session";
    };
    return even.of(work, wish);
  };
  expect([await next(), begun]).toEqual(["later", 0]);
  first.resolve("session");
  await one;
  expect([await next(), begun]).toEqual(["session", 1]);
  resolve("session");
  await Promise.all(others);
});

test("answers that only wait for their time keep nobody out, up to ten thousand of them", async () => {
  const even = new EvenAnswers(3_000);
  const held: Promise<string>[] = [];
  while (held.length < 9_999) {
    held.push(even.of(async () => "wrong", wish));
    if (held.length % 500 === 0) await setImmediate();
  }
  expect(await even.of(async () => "session", wish)).toBe("session");
  held.push(even.of(async () => "wrong", wish));
  expect(await even.of(async () => "session", wish)).toBe("later");
  expect(new Set(await Promise.all(held))).toEqual(new Set(["wrong"]));
  expect(await even.of(async () => "session", wish)).toBe("session");
});
