import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Operation, Pulse } from "../../src/engine/heartbeat.ts";

const LIMIT_MS = 10_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A pulse whose attempt counts its heartbeats. */
function startPulse() {
  let beats = 0;
  const pulse = new Pulse({
    info: { currentAttemptScheduledTimestampMs: 1 },
    cancellationSignal: new AbortController().signal,
    heartbeat: () => {
      beats += 1;
    },
  });
  /** Whether the attempt is alive to Temporal once this much more time has gone by. */
  const isAliveAfter = (ms: number) => {
    vi.advanceTimersByTime(ms);
    const before = beats;
    vi.advanceTimersByTime(1_000);
    return beats > before;
  };
  return { pulse, isAliveAfter };
}

/** Work that never ends. */
function hang(pulse: Pulse, limitMs: number): Operation {
  const operations: Operation[] = [];
  void pulse.during(limitMs, (operation) => {
    operations.push(operation);
    return new Promise(() => {});
  });
  const [operation] = operations;
  if (operation === undefined) throw new Error("The work did not begin.");
  return operation;
}

test("an attempt that hangs past its limit is not heartbeated", () => {
  const { pulse, isAliveAfter } = startPulse();
  hang(pulse, LIMIT_MS);
  expect(isAliveAfter(LIMIT_MS - 2_000)).toBe(true);
  expect(isAliveAfter(2_000)).toBe(false);
});

test("pauses stop the clock, and what is left of the limit is less each time", () => {
  const { pulse, isAliveAfter } = startPulse();
  const operation = hang(pulse, LIMIT_MS);
  for (let call = 0; call < 3; call += 1) {
    vi.advanceTimersByTime(3_000);
    operation.pause();
    expect(isAliveAfter(60_000)).toBe(true);
    operation.resume();
  }
  expect(isAliveAfter(1_500)).toBe(false);
});

test("a second pause or resume changes nothing", () => {
  const { pulse, isAliveAfter } = startPulse();
  const operation = hang(pulse, LIMIT_MS);
  operation.pause();
  operation.pause();
  vi.advanceTimersByTime(60_000);
  operation.resume();
  vi.advanceTimersByTime(9_000);
  operation.resume();
  expect(isAliveAfter(1_500)).toBe(false);
});

test("a call of its own has a limit of its own", () => {
  const { pulse, isAliveAfter } = startPulse();
  const operation = hang(pulse, LIMIT_MS);
  vi.advanceTimersByTime(9_000);
  operation.pause();
  vi.advanceTimersByTime(60_000);
  operation.restart(4_000);
  expect(isAliveAfter(2_000)).toBe(true);
  expect(isAliveAfter(2_000)).toBe(false);
});

test("a clock on the wall that is set changes nothing", () => {
  const { pulse, isAliveAfter } = startPulse();
  hang(pulse, LIMIT_MS);
  vi.setSystemTime(Date.now() + 24 * 3_600_000);
  expect(isAliveAfter(1_000)).toBe(true);
  vi.setSystemTime(Date.now() - 48 * 3_600_000);
  expect(isAliveAfter(LIMIT_MS)).toBe(false);
});

test("work that ended is forgotten", async () => {
  const { pulse, isAliveAfter } = startPulse();
  await expect(pulse.during(LIMIT_MS, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(isAliveAfter(2 * LIMIT_MS)).toBe(true);
});

test("an attempt knows what the one before it showed last, and shows it until it knows more", () => {
  const heard: unknown[] = [];
  const attempt = (heartbeatDetails: unknown) => {
    const pulse = new Pulse({
      info: { currentAttemptScheduledTimestampMs: 1, heartbeatDetails },
      cancellationSignal: new AbortController().signal,
      heartbeat: (details) => heard.push(details),
    });
    pulse.stop();
    return pulse.earlier;
  };
  expect(attempt({ done: 3, of: 5 })).toEqual({ done: 3, of: 5 });
  expect(attempt(undefined)).toEqual({});
  expect(attempt("nothing of ours")).toEqual({});
  expect(heard).toEqual([{ done: 3, of: 5 }, {}, {}]);
});
