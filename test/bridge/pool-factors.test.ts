import { expect, test } from "vitest";
import { poolFactors } from "../../src/bridge/pool-factors.ts";
import type { PoolShape } from "../../src/domain/pool.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";

test("what the pool was said to have is asked again once that is old", async () => {
  let nowMs = 1_000_000;
  const clock = { read: async () => nowMs };
  let mfa: PoolShape["mfa"] = "OFF";
  const source = { describePool: async () => ({ ok: true, value: { mfa } as PoolShape }) as const };
  const hasFactors = poolFactors(clock as unknown as Ledger, source);
  expect(await hasFactors()).toMatchObject({ value: false });
  mfa = "ON";
  nowMs += 8 * 60_000;
  expect(await hasFactors()).toMatchObject({ value: false });
  nowMs += 2 * 60_000;
  expect(await hasFactors()).toMatchObject({ value: true });
});
