import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJsonFile } from "../../src/commands/json-file.ts";

function parse(text: string) {
  return parseJsonFile(Buffer.from(text, "utf8"));
}

test("a byte order mark is no part of the file", () => {
  expect(parse('\ufeff{"a": 1}')).toEqual({ ok: true, value: { a: 1 } });
});

test("text of every language is read", () => {
  expect(parse('{"name": "Jörg 社 👩‍🎓"}')).toEqual({ ok: true, value: { name: "Jörg 社 👩‍🎓" } });
});

test.each([
  ["{ source:", 1, 3],
  ['{\n  "a": 1,\n}', 3, 1],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
  ["[1, 2", 1, 6],
  ['{"a": 01}', 1, 8],
  ['{"a": "two\nlines"}', 1, 7],
  ["[1] [2]", 1, 5],
  ['{"a" 1}', 1, 6],
  ["[1, ]", 1, 5],
  ['{"a": tru}', 1, 7],
])("%j is not JSON at line %i, column %i", (text, line, column) => {
  expect(parse(text)).toEqual({
    ok: false,
    sentence: `is not JSON: look at line ${line}, column ${column}.`,
  });
});

test.each(["", " \n", "\ufeff"])("a file without a word in it, %j, is empty", (text) => {
  expect(parse(text)).toEqual({ ok: false, sentence: "is empty." });
});

test.each([
  ["Latin 1", Buffer.from('{\n"name": "Jörg"}', "latin1"), 2],
  ["UTF-16", Buffer.from('\ufeff{"a": 1}', "utf16le"), 1],
  ["cut off", Buffer.from('{"a": "ö"}', "utf8").subarray(0, 8), 1],
])("a file in %s is named as such", (_, bytes, line) => {
  expect(parseJsonFile(bytes)).toEqual({
    ok: false,
    sentence: `is not UTF-8: line ${line} has a byte that is no text; save it as UTF-8.`,
  });
});

test.each([
  ['{"only": {"limit": 1}, "only": {"limit": 2}}', 'the key "only" twice, on line 1:'],
  ['{\n  "a": 1,\n  "b": {"c": 1,\n    "c": 2}\n}', 'the key "c" twice, on line 3 and on line 4:'],
  ['{"a": 1, "\\u0061": 2}', 'the key "a" twice, on line 1:'],
  ['[{"__proto__": 1, "__proto__": 2}]', 'the key "__proto__" twice, on line 1:'],
])("%j is told to hold a key twice", (text, told) => {
  expect(parse(text)).toEqual({ ok: false, sentence: `has ${told} leave one of the two.` });
});

test("each key that is there twice is named", () => {
  expect(parse('{"a": 1, "a": 2,\n"b": 1, "b": 2}')).toEqual({
    ok: false,
    sentence:
      'has the key "a" twice, on line 1: leave one of the two; it has the key "b" twice, on line 2: leave one of the two.',
  });
});

test("the same key in two objects is there once in each", () => {
  const value = { a: { b: 1 }, c: [{ b: 1 }, { b: 2 }], b: 3 };
  expect(parse(JSON.stringify(value))).toEqual({ ok: true, value });
});

test("lists in lists in lists are told, whether they end or not", () => {
  for (const end of ["]".repeat(20_000), ""])
    expect(parse(`${"[".repeat(20_000)}${end}`)).toMatchObject({
      sentence: expect.stringContaining("nested too deeply"),
    });
});

test("all JSON is taken, and whatever is none has its place in the file", () => {
  const change = fc.record({
    at: fc.nat(),
    character: fc.constantFrom("", "{", "}", "]", ",", ":", '"', "x", "1", " ", "/", "\t", "\u00a0"),
  });
  fc.assert(
    fc.property(fc.jsonValue(), change, (value, { at, character }) => {
      const whole = JSON.stringify(value, null, 1);
      expect(parse(whole)).toEqual({ ok: true, value: JSON.parse(whole) });
      const cut = at % (whole.length + 1);
      const text = whole.slice(0, cut) + character + whole.slice(cut + 1);
      const parsed = parse(text);
      expect(parsed.ok || /has the key/.test(parsed.sentence)).toBe(isJson(text));
      if (parsed.ok) expect(parsed.value).toEqual(JSON.parse(text));
      else expect(parsed.sentence).toMatch(/: look at line \d+, column \d+\.$|has the key/);
    }),
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
