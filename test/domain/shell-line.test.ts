import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { argumentWords, shellLine, shellLines } from "../../src/domain/shell-line.ts";

/** What bash makes of a line: its words, in whatever language it runs. */
function readBack(line: string): string[] {
  const script = `LC_ALL=C\nprintf '%s\\0' ${line}`;
  return execFileSync("bash", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

/** No program can be given U+0000. */
const word = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1 }),
    fc.string({
      unit: fc.constantFrom(
        "'",
        '"',
        "\\",
        "$",
        "`",
        ";",
        "\n",
        "\x1b",
        "\x9b",
        "\u202e",
        "!",
        " ",
        "a",
        "--",
      ),
    }),
  )
  .map((text) => text.replaceAll("\0", ""));

test.each([
  ["eu-west-1_Ab", "eu-west-1_Ab"],
  ["", "''"],
  ["=ls", "'=ls'"],
  ["it's; rm -rf /", "'it'\\''s; rm -rf /'"],
  ["a\x1b[2J'\\", "$'a\\x1b[2J\\'\\\\'"],
  ["a\u202eb", "$'a\\xe2\\x80\\xaeb'"],
  ["a`b'c", "$'a\\x60b\\'c'"],
])("the word %j is written %s", (given, written) => {
  expect(shellLine([given])).toBe(written);
});

test("a shell reads back the words, from one visible line", () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
      const line = shellLine(words);
      // In a sentence and in Markdown a backtick would end the command.
      expect(line).not.toMatch(/[`\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
      expect(readBack(line)).toEqual(words);
    }),
    { numRuns: 50 },
  );
});

test("options stand on lines of their own", () => {
  const words = ["./temporal", "workflow", "start", "--name", "it's", "--flag"];
  expect(shellLines(words)).toBe("./temporal workflow start \\\n  --name 'it'\\''s' \\\n  --flag");
  expect(readBack(shellLines(words))).toEqual(words);
});

test("a program takes what begins with a dash for an argument", () => {
  expect(shellLine(["rm", ...argumentWords("-rf")])).toBe("rm -- -rf");
  expect(shellLine(["rm", ...argumentWords("a-b")])).toBe("rm a-b");
});
