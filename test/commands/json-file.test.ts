import fc from "fast-check";
import { expect, test } from "vitest";
import { firstMistake, parseJsonFile } from "../../src/commands/json-file.ts";

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
  ["", 1, 1],
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

test("the place is where the text stops being the beginning of JSON", () => {
  const change = fc.record({
    at: fc.nat(),
    character: fc.constantFrom("", "{", "}", "]", ",", ":", '"', "x", "1", " "),
  });
  fc.assert(
    fc.property(fc.jsonValue(), change, (value, { at, character }) => {
      const whole = JSON.stringify(value, null, 1);
      const cut = at % (whole.length + 1);
      const text = whole.slice(0, cut) + character + whole.slice(cut + 1);
      const isJson = parse(text).ok;
      const place = firstMistake(text);
      if (isJson) expect(place).toBe(text.length);
      // What stands before the place is no mistake yet.
      else expect(firstMistake(text.slice(0, place))).toBe(place);
    }),
  );
});
