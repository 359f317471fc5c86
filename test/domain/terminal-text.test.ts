import fc from "fast-check";
import { expect, test } from "vitest";
import { terminalLines, terminalText } from "../../src/domain/terminal-text.ts";

test.each([
  ["Azubi-Müller 社 👩‍🎓", "Azubi-Müller 社 👩‍🎓"],
  ["\x1b[2J\x1b]0;title\x07", "\\u001b[2J\\u001b]0;title\\u0007"],
  ["two\nlines\r", "two\\nlines\\u000d"],
  ["\x9b31m\x7f", "\\u009b31m\\u007f"],
  ["safe\u202egnp.exe", "safe\\u202egnp.exe"],
  ["a\u2028b\ud800", "a\\u2028b\\ud800"],
])("%j is shown as %s", (text, shown) => {
  expect(terminalText(text)).toBe(shown);
});

const anything = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("\x1b", "\x9b", "\n", "\r", "\x7f", "\u202e", "\u2066", "[", "a", '"', "\\"),
  }),
);

test("no text leaves its line or acts on the terminal", () => {
  fc.assert(
    fc.property(anything, (text) => {
      expect(terminalText(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

test("JSON keeps its meaning", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const value = { [text]: [text] };
      expect(JSON.parse(terminalLines(JSON.stringify(value, null, 2)))).toEqual(value);
    }),
  );
});
