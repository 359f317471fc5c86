import fc from "fast-check";
import { expect, test } from "vitest";
import { checklist, code, prose, table, text } from "../../src/report/handoff/markdown.ts";

test("text stays text", () => {
  expect(text("a|b `c` *d* [e](f) <g>\n# h & \\")).toBe(
    "a\\|b \\`c\\` \\*d\\* \\[e\\](f) \\<g\\> \\# h \\& \\\\",
  );
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
  expect(code(value)).toBe(expected);
});

test("the commands of a sentence are code", () => {
  expect(prose("Run `./spillway lookup a_b` in a_b.")).toBe("Run `./spillway lookup a_b` in a\\_b.");
  expect(prose("A lone ` is text.")).toBe("A lone \\` is text.");
});

test("a table is a line each", () => {
  expect(table(["A", "B"], [["1", "2"]])).toBe("| A | B |\n| --- | --- |\n| 1 | 2 |");
  expect(checklist(["One.", "Two."])).toBe("- [ ] One.\n- [ ] Two.");
});

test("no value adds a cell or a line", () => {
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("|", "\\", "`", "\n", "\r", "\u2028", "a") }),
  );
  fc.assert(
    fc.property(value, fc.constantFrom(text, code, prose), (content, render) => {
      const line = table(["A"], [[render(content)]]).split("\n");
      expect(line).toHaveLength(3);
      // A pipe ends a cell unless a backslash of its own stands before it.
      expect(line[2]?.replace(/\\[\\|]/g, "").match(/\|/g)).toHaveLength(2);
    }),
  );
});
