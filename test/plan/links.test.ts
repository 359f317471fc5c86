import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_CLUSTER } from "../../src/plan/decide.ts";
import { clustersBrought, type LinkedAccount, sharedKey } from "../../src/plan/links.ts";
import { shuffled } from "./accounts.ts";

function holder(sub: string, change: Partial<LinkedAccount> = {}): LinkedAccount {
  return {
    sub,
    emailVerified: true,
    native: true,
    createdAtMs: 1,
    clusterKey: `${sub}@example.com`,
    ...change,
  };
}

test("one holder alone keeps its own key", () => {
  expect(sharedKey([])).toBeNull();
  expect(sharedKey([holder("a")])).toBeNull();
});

test("native before federated, then earliest, then sub", () => {
  expect(sharedKey([holder("a", { native: false }), holder("b")])).toBe("b@example.com");
  expect(sharedKey([holder("a", { createdAtMs: 2 }), holder("b")])).toBe("b@example.com");
  expect(sharedKey([holder("b"), holder("a")])).toBe("a@example.com");
});

test("an unverified address draws no verified account", () => {
  const unverified = holder("a", { emailVerified: false });
  expect(sharedKey([unverified, holder("b", { native: false, createdAtMs: 9 })])).toBe("b@example.com");
});

test("an address that is never compared draws nobody who has one that is", () => {
  const refused = holder("a", { clusterKey: "sub:a" });
  expect(sharedKey([refused, holder("b", { native: false, createdAtMs: 9 })])).toBe("b@example.com");
});

test("verified accounts bring their clusters along, an unverified one comes alone", () => {
  const holders = [holder("a"), holder("b", { emailVerified: false }), holder("c")];
  expect(clustersBrought(holders)).toEqual(new Set(["a@example.com", "c@example.com"]));
});

test("an identity of too many is no link", () => {
  const holders = Array.from({ length: MAX_CLUSTER + 1 }, (_, index) => holder(`${index}`));
  expect(sharedKey(holders)).toBeNull();
  expect(sharedKey(holders.slice(1))).not.toBeNull();
});

test("the order of the holders does not matter", () => {
  const anyHolder = fc.record({
    sub: fc.constantFrom("a", "b", "c", "d", "e"),
    emailVerified: fc.boolean(),
    native: fc.boolean(),
    createdAtMs: fc.integer({ min: 1, max: 2 }),
    clusterKey: fc.constantFrom("x", "y", "z"),
  });
  const holders = fc.uniqueArray(anyHolder, { selector: ({ sub }) => sub });
  fc.assert(
    fc.property(
      holders.chain((some) => fc.tuple(fc.constant(some), shuffled(some))),
      ([some, mixed]) => {
        expect(sharedKey(mixed)).toBe(sharedKey(some));
      },
    ),
  );
});
