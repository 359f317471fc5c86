import fc from "fast-check";
import { expect, test } from "vitest";
import { storable, storableKey } from "../../src/plan/texts.ts";
import { anyText } from "./any-text.ts";

test("what is kept has no U+0000 and no half of a surrogate pair", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const kept of [storable(text), storableKey(text)])
        expect([kept.includes("\0"), kept.isWellFormed()]).toEqual([false, true]);
    }),
    { numRuns: 2_000 },
  );
});

test("different keys stay different", () => {
  fc.assert(
    fc.property(anyText, anyText, (one, other) => {
      expect(storableKey(one) === storableKey(other)).toBe(one === other);
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ["Acme\u0000", "Acme\ufffd0000"],
  ["\ud800", "\ufffdd800"],
  ["\ufffd0000", "\ufffdfffd0000"],
  ["M\ufffdller", "M\ufffdller"],
  ["Müller 🙂", "Müller 🙂"],
])("the key %j is kept as %j", (key, kept) => {
  expect(storableKey(key)).toBe(kept);
});

test("a key that no index takes is shortened, and stays another than any other", () => {
  const long = (end: string) => `${"ü🙂".repeat(500)}${end}`;
  const key = storableKey(long("a"));
  expect(Buffer.byteLength(key)).toBeLessThanOrEqual(512);
  expect(key.isWellFormed()).toBe(true);
  expect(key).not.toBe(storableKey(long("b")));
  expect(storableKey(key)).not.toBe(key);
});
