import fc from "fast-check";
import { expect, test } from "vitest";
import { clusterKeyOf, isPlainAddress, mayBeAddress, normalizeEmail } from "../../src/plan/normalize.ts";

/** Letters that other ways of folding turn into ASCII ones, and what may stand about an address. */
const ODD = [
  "\u212a",
  "\u0130",
  "\u017f",
  "\u0131",
  "ｋ",
  "Ä",
  "\u00a0",
  "\ufeff",
  "\u0000",
  "\ud800",
  "\u007f",
];
const letter = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(..."kKsSiIaA@.:") },
  fc.constantFrom(...ODD),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
);
const anyAddress = fc.array(letter, { maxLength: 8 }).map((letters) => letters.join(""));
const plainAddress = fc
  .string({ unit: fc.constantFrom(..."kKsSiIaAzZ09._+-"), minLength: 1, maxLength: 20 })
  .map((local) => `${local}@Example.com`);

const keyOf = (address: string, sub: string) => clusterKeyOf(normalizeEmail(address), sub);
const isAscii = (address: string) => /^[\t-\r\x20-\x7e]*$/.test(address);

test("white space goes at the ends alone, however much is within", () => {
  // An hour of work for whoever looks anew from each space.
  const within = `kim${" ".repeat(1_000_000)}@example.com`;
  expect(normalizeEmail(` \t\n\v\f\r${within}\r\f\v\n\t `)).toBe(within);
  expect(normalizeEmail(" \t\n\v\f\r ")).toBeNull();
});

test.each([
  ["the Kelvin sign is no k", "\u212aim@example.com", "kim@example.com"],
  ["a dotted capital I is no i", "\u0130da@example.com", "i\u0307da@example.com"],
  ["a dotless i is no i", "\u0131da@example.com", "ida@example.com"],
  ["a long s is no s", "\u017fam@example.com", "sam@example.com"],
  ["a full-width letter is no letter", "ｋim@example.com", "kim@example.com"],
  ["a no-break space is no space", "\u00a0kim@example.com", "kim@example.com"],
  ["a byte order mark is a character", "\ufeffkim@example.com", "kim@example.com"],
])("%s", (_, odd, other) => {
  expect(keyOf(odd, "a")).toBe("sub:a");
  expect(keyOf(odd, "a")).not.toBe(keyOf(other, "b"));
});

test("an address of other characters shares its key with nobody", () => {
  fc.assert(
    fc.property(anyAddress, anyAddress, (one, other) => {
      fc.pre(!isAscii(one));
      expect(keyOf(one, "a")).toBe("sub:a");
      expect(keyOf(other, "b")).not.toBe("sub:a");
    }),
    { numRuns: 5_000 },
  );
});

test("only the capitals of ASCII and the space about it make no other address", () => {
  const cased = fc.tuple(plainAddress, fc.infiniteStream(fc.boolean())).map(([address, capital]) => {
    const letters = [...address].map((one) => (capital.next().value ? one.toUpperCase() : one.toLowerCase()));
    return { address, other: ` \t${letters.join("")}\n` };
  });
  fc.assert(
    fc.property(cased, ({ address, other }) => {
      expect(keyOf(other, "b")).toBe(keyOf(address, "a"));
      expect(isPlainAddress(keyOf(address, "a"))).toBe(true);
    }),
  );
  fc.assert(
    fc.property(plainAddress, plainAddress, (one, other) => {
      const isSame = one.toLowerCase() === other.toLowerCase();
      expect(keyOf(one, "a") === keyOf(other, "b")).toBe(isSame);
    }),
  );
});

test("no address is the key of somebody without one", () => {
  expect(keyOf("SUB:b", "a")).toBe("sub:a");
  expect(keyOf("sub:b@example.com", "a")).toBe("sub:a");
});

test("what is longer than any address is none", () => {
  expect(keyOf(`${"a".repeat(2_036)}@example.com`, "a")).toBe("sub:a");
});

test.each([
  ["ada@example.com", true],
  ["ada\uff20example.com", true],
  ["ada%40example.com", true],
  ["+44 20 7946-0958", true],
  ["030/1234567", true],
  ["tel:+49301234567", true],
  ["Tel. 030 1234567", true],
  ["+49 30 1234567 x12", true],
  ["030 1234567 ext. 5", true],
  ["+49\u00a030\u2011123456", true],
  ["\uff0b49301234567", true],
  ["\u0660\u0661\u0662\u0663\u0664\u0665\u0666", true],
  ["Acme", false],
  ["Acme 1234567", false],
  ["customer-0012345", false],
  ["tenant-12", false],
])("whether %s may be somebody's address is told by its looks", (name, may) => {
  expect(mayBeAddress(name)).toBe(may);
});
