import fc from "fast-check";
import { expect, test } from "vitest";
import { markdownCode, markdownProse, markdownText } from "../../src/domain/markdown.ts";
import { checklist, table } from "../../src/report/handoff/markdown.ts";

test("text stays text", () => {
  expect(markdownText("a|b `c` *d* [e](f) <g>\n# h & \\")).toBe(
    "a\\|b \\`c\\` \\*d\\* \\[e\\](f) \\<g\\> \\# h \\& \\\\",
  );
});

test.each([
  ["# heading", "\\# heading"],
  ["- item", "\\- item"],
  ["  + item", "\\+ item"],
  ["1. item", "1\\. item"],
  ["12) item", "12\\) item"],
  ["===", "\\==="],
  ["2 items", "2 items"],
  ["![x](https://x.example/i.png)", "\\!\\[x\\](https://x.example/i.png)"],
  ["a\u202eb\u0007c", "a\ufffdb\ufffdc"],
])("a line that begins as %j stays a paragraph", (value, expected) => {
  expect(markdownText(value)).toBe(expected);
});

test.each([
  ["plain", "`plain`"],
  ["a`b", "``a`b``"],
  ["`a", "`` `a ``"],
  ["a``b`c", "```a``b`c```"],
  ["a\r\nb", "`a b`"],
  ["", "`  `"],
  ["a\\|b", "<code>a\\\\\\|b</code>"],
])("the code span of %j is %j", (value, expected) => {
  expect(markdownCode(value)).toBe(expected);
});

test("the commands of a sentence are code", () => {
  expect(markdownProse("Run `./spillway lookup a_b` in a_b.")).toBe("Run `./spillway lookup a_b` in a\\_b.");
  expect(markdownProse("A lone ` is text.")).toBe("A lone \\` is text.");
});

test("a table is a line each", () => {
  expect(table(["A", "B"], [["1", "2"]])).toBe("| A | B |\n| --- | --- |\n| 1 | 2 |");
  expect(checklist(["One.", "Two."])).toBe("- [ ] One.\n- [ ] Two.");
});

const anything = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("|", "\\", "`", "\n", "\r", "\u2028", "\u202e", "<", "[", "-", "1", ".", " ", "a"),
  }),
);

test("no value adds a cell or a line", () => {
  const renders = fc.constantFrom(markdownText, markdownCode, markdownProse);
  fc.assert(
    fc.property(anything, renders, (content, render) => {
      const line = table(["A"], [[render(content)]]).split("\n");
      expect(line).toHaveLength(3);
      // A pipe ends a cell unless a backslash of its own stands before it.
      expect(line[2]?.replace(/\\[\\|]/g, "").match(/\|/g)).toHaveLength(2);
    }),
  );
});

test("no value begins a span, a link, an image, HTML or a block", () => {
  fc.assert(
    fc.property(anything, (content) => {
      const bare = markdownText(content).replace(/\\[!-/:-@[-`{-~]/g, "x");
      expect(bare).not.toMatch(/[`*_[\]<>|~&#!\\]|^\s*([-+=]|\d+[.)])|[\n\r\u2028\u202e]/);
    }),
  );
});
