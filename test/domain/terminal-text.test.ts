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
  [
    "ad\u200bmin, ad\u200cmin, ad\u200dmin, ad\u2060min",
    "ad\\u200bmin, ad\\u200cmin, ad\\u200dmin, ad\\u2060min",
  ],
  ["\ufeffa\u00adb\u034fc\u3164", "\\ufeffa\\u00adb\\u034fc\\u3164"],
  ["a\ufe0fb\u{e0101}c", "a\\ufe0fb\\udb40\\udd01c"],
  ["ok\u{e0069}\u{e007f}", "ok\\udb40\\udc69\\udb40\\udc7f"],
  ["\u{1f44d}\ufe0f\ufe0f\u200d", "\u{1f44d}\ufe0f\\ufe0f\\u200d"],
  ["1\ufe0f2", "1\\ufe0f2"],
  ["a\ufff9b\ufffac\ufffb", "a\\ufff9b\\ufffac\\ufffb"],
])("%j is shown as %s", (text, shown) => {
  expect(terminalText(text)).toBe(shown);
});

test.each([
  "Azubi-M\u00fcller, Mu\u0308ller, \u793e\u4f1a, \ud55c\uad6d, \u0141\u00f3d\u017a",
  "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd, \u0645\u062d\u0645\u064e\u0651\u062f",
  // Persian and Sinhala are not written without joiners.
  "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
  "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
  // A student, a doctor, a rainbow flag, a heart, a key, a country.
  "\u{1f469}\u200d\u{1f393} \u{1f469}\u{1f3fd}\u200d\u2695\ufe0f \u{1f3f3}\ufe0f\u200d\u{1f308} \u2764\ufe0f 1\ufe0f\u20e3 \u{1f1eb}\u{1f1f7}",
])("%s stays as people write it", (text) => {
  expect(terminalText(text)).toBe(text);
});

const anything = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      ...["\x1b", "\x9b", "\n", "\r", "\x7f", "\u202e", "\u2066", "[", "a", '"', "\\"],
      ...["\u200b", "\u200d", "\ufe0f", "\u{e0041}", "\u{1f469}", "\u0915"],
    ),
  }),
);

test("no text leaves its line or acts on the terminal", () => {
  fc.assert(
    fc.property(anything, (text) => {
      const shown = terminalText(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u200b\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e0fff}]/u);
      // Not even where one of them may stand.
      expect(shown).not.toMatch(/\p{Default_Ignorable_Code_Point}{3}/u);
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
