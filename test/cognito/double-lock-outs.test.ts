import { expect, test } from "vitest";
import { LockOuts } from "../doubles/cognito/lock-outs.ts";

const MINUTE_MS = 60_000;

/** The length of the lock-out after so many failures, each tried at the end of the one before. */
function lockedMsAfter(failures: number): number {
  const lockOuts = new LockOuts();
  let nowMs = 0;
  let lockedMs = 0;
  for (let n = 1; n <= failures; n += 1) {
    expect(lockOuts.isLocked("ada", nowMs)).toBe(false);
    lockOuts.fail("ada", nowMs);
    lockedMs = endOf(lockOuts, nowMs) - nowMs;
    nowMs += lockedMs;
  }
  return lockedMs;
}

/** Asks in steps of half a second. */
function endOf(lockOuts: LockOuts, fromMs: number): number {
  let nowMs = fromMs;
  while (lockOuts.isLocked("ada", nowMs)) nowMs += 500;
  return nowMs;
}

test.each([
  [1, 0],
  [4, 0],
  [5, 1_000],
  [6, 2_000],
  [10, 32_000],
  [14, 512_000],
  [15, 900_000],
  [20, 900_000],
])("after %i failures a person waits %i ms", (failures, lockedMs) => {
  expect(lockedMsAfter(failures)).toBe(lockedMs);
});

test("a sign-in begins anew", () => {
  const lockOuts = failedFive();
  lockOuts.forget("ada");
  expect(lockOuts.isLocked("ada", 0)).toBe(false);
  lockOuts.fail("ada", 0);
  expect(lockOuts.isLocked("ada", 0)).toBe(false);
});

test("a quarter of an hour without a try begins anew", () => {
  const lockOuts = failedFive();
  const laterMs = 1_000 + 15 * MINUTE_MS;
  expect(lockOuts.isLocked("ada", laterMs)).toBe(false);
  lockOuts.fail("ada", laterMs);
  expect(lockOuts.isLocked("ada", laterMs)).toBe(false);
});

test("a try in between keeps the count", () => {
  const lockOuts = failedFive();
  for (const atMs of [10 * MINUTE_MS, 20 * MINUTE_MS]) expect(lockOuts.isLocked("ada", atMs)).toBe(false);
  lockOuts.fail("ada", 20 * MINUTE_MS);
  expect(lockOuts.isLocked("ada", 20 * MINUTE_MS + 1_500)).toBe(true);
});

test("nobody is locked out by another's failures", () => {
  expect(failedFive().isLocked("bob", 0)).toBe(false);
});

function failedFive(): LockOuts {
  const lockOuts = new LockOuts();
  for (let n = 0; n < 5; n += 1) lockOuts.fail("ada", 0);
  expect(lockOuts.isLocked("ada", 0)).toBe(true);
  return lockOuts;
}
