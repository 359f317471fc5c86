import { expect, test } from "vitest";
import type { Count } from "../../src/bridge/counts.ts";
import { createLimits, type LimitOptions, waitMs } from "../../src/bridge/limits.ts";

/** Limits by a clock that the test sets on. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MIGRATION = { poolId: "eu-west-1_AbCdEfGhI", destinationKind: "workos", environment: "client_01" };
const EVE = "203.0.113.9";
const ADA = "198.51.100.1";

function countBy() {
  const windows = new Map<string, { times: number; untilMs: number }>();
  let nowMs = 0;
  const count: Count = async (key, windowMs) => {
    const found = windows.get(key);
    const window =
      found !== undefined && found.untilMs > nowMs ? found : { times: 0, untilMs: nowMs + windowMs };
    window.times += 1;
    windows.set(key, window);
    return { times: window.times, leftMs: window.untilMs - nowMs };
  };
  return { count, pass: (ms: number) => (nowMs += ms), keys: () => [...windows.keys()] };
}

const forget = async (): Promise<void> => undefined;

function limitsBy(count: Count, parts: Partial<LimitOptions> = {}) {
  return createLimits({
    migration: MIGRATION,
    triesPerMinute: { account: 10, address: 100 },
    forgotten: { perAccountAMinute: 3, perAddressAnHour: 10 },
    mailsPerDay: 1_000,
    signatureMs: HOUR_MS,
    tries: count,
    kept: count,
    durable: count,
    giveBack: forget,
    taken: async () => 0,
    ...parts,
  });
}

/** How many of so many tries may go on. */
async function passing(tries: number, one: (index: number) => Promise<number>): Promise<number> {
  let passed = 0;
  for (let index = 0; index < tries; index += 1) if ((await one(index)) === 0) passed += 1;
  return passed;
}

test.each(["signIn", "forgot"] as const)(
  "at the door %s, an address over its limit touches no account",
  async (door) => {
    const { count } = countBy();
    const limits = limitsBy(count, { triesPerMinute: { account: 10, address: 4 } });
    expect(await passing(20, (index) => waitMs(limits[door], `person${index}@example.com`, EVE))).toBe(4);
    expect(await passing(100, () => waitMs(limits[door], "ada@example.com", EVE))).toBe(0);
    const own = door === "signIn" ? 10 : 3;
    expect(await passing(20, () => waitMs(limits[door], "ada@example.com", null))).toBe(own);
  },
);

test("one machine locks nobody out: it uses up half of what an account has", async () => {
  const { count, pass } = countBy();
  const { signIn, forgot } = limitsBy(count);
  for (let minute = 0; minute < 5; minute += 1) {
    expect(await passing(50, () => waitMs(signIn, "ada@example.com", EVE))).toBe(5);
    expect(await waitMs(signIn, "ada@example.com", ADA)).toBe(0);
    pass(MINUTE_MS);
  }
  expect(await passing(3, () => waitMs(forgot, "ben@example.com", EVE))).toBe(3);
  pass(MINUTE_MS);
  expect(await waitMs(forgot, "ben@example.com", EVE)).toBeGreaterThan(0);
  expect(await passing(5, () => waitMs(forgot, "ben@example.com", ADA))).toBe(2);
});

test("forgotten passwords: 10 an hour and 30 a day from one address, whoever they are of", async () => {
  const { count, pass } = countBy();
  const { forgot } = limitsBy(count);
  const perHour: number[] = [];
  for (let hour = 0; hour < 5; hour += 1) {
    perHour.push(await passing(20, (index) => waitMs(forgot, `person${hour}-${index}@example.com`, EVE)));
    pass(HOUR_MS);
  }
  expect(perHour).toEqual([10, 10, 10, 0, 0]);
  expect(await waitMs(forgot, "person0-0@example.com", ADA)).toBe(0);
  pass(20 * HOUR_MS);
  expect(await waitMs(forgot, "ada@example.com", EVE)).toBe(0);
});

test("forgotten passwords of one account: 3 a minute, 5 an hour, 10 a day, from wherever", async () => {
  const { count, pass } = countBy();
  const { forgot } = limitsBy(count);
  const perHour: number[] = [];
  for (let hour = 0; hour < 4; hour += 1) {
    let passed = 0;
    for (let minute = 0; minute < 10; minute += 1) {
      passed += await passing(6, () => waitMs(forgot, "ada@example.com", null));
      pass(MINUTE_MS);
    }
    perHour.push(passed);
    pass(HOUR_MS);
  }
  expect(perHour).toEqual([5, 5, 0, 0]);
});

test("mails are counted in all, and a signature once", async () => {
  const { count, pass } = countBy();
  const { mail, signature } = limitsBy(count, { mailsPerDay: 5 });
  expect(await passing(9, () => mail())).toBe(5);
  pass(24 * HOUR_MS);
  expect(await passing(9, () => mail())).toBe(5);
  expect(await passing(3, () => signature("v1=a"))).toBe(1);
});

test("two migrations on one ledger share no count, and every used signature", async () => {
  const { count } = countBy();
  const one = limitsBy(count, { mailsPerDay: 5 });
  const other = limitsBy(count, { mailsPerDay: 5, migration: { ...MIGRATION, environment: "client_02" } });
  await passing(20, () => waitMs(one.signIn, "ada@example.com", null));
  await passing(9, () => one.mail());
  expect(await waitMs(other.signIn, "ada@example.com", null)).toBe(0);
  expect(await other.mail()).toBe(0);
  expect([await one.signature("v1=a"), (await other.signature("v1=a")) > 0]).toEqual([0, true]);
});

test("what is counted names nobody", async () => {
  const { count, keys } = countBy();
  await waitMs(limitsBy(count).forgot, "ada@example.com", EVE);
  for (const key of keys()) expect(key).toMatch(/^[\w-]{43}\.[\w-]{43}$/);
});

/** As many machines as somebody likes, in one /56 or one /48. */
const inHome = (index: number) => `2001:db8:0:${(index % 256).toString(16)}::1`;
const inOrganization = (index: number) => `2001:db8:0:${(index * 256).toString(16)}::1`;

test.each([
  { inside: inHome, times: 4 },
  { inside: inOrganization, times: 16 },
])(
  "a network of many machines has $times times what one has, and locks nobody out",
  async ({ inside, times }) => {
    const limits = limitsBy(countBy().count, { triesPerMinute: { account: 10, address: 5 } });
    const tried = (index: number) => waitMs(limits.signIn, `person${index}@example.com`, inside(index));
    expect(await passing(200, tried)).toBe(5 * times);
    const { signIn } = limitsBy(countBy().count);
    expect(await passing(10, (index) => waitMs(signIn, "ada@example.com", inside(index)))).toBe(5);
    expect(await waitMs(signIn, "ada@example.com", ADA)).toBe(0);
  },
);

test.each([EVE, "2001:db8::1"])(
  "no network has more than a quarter of the day's mails: that of %s",
  async (address) => {
    const { forgot } = limitsBy(countBy().count, { mailsPerDay: 20 });
    const ask = (index: number) =>
      waitMs(forgot, `person${index}@example.com`, address.replace("::", `:0:${index}::`));
    expect(await passing(25, ask)).toBe(5);
    expect(await waitMs(forgot, "ada@example.com", ADA)).toBe(0);
  },
);
