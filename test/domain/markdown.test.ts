import fc from "fast-check";
import { expect, test } from "vitest";
import { markdownCode, markdownProse, markdownText } from "../../src/domain/markdown.ts";
import { checklist, table } from "../../src/report/handoff/markdown.ts";
import { hostileName } from "./hostile.ts";
import { activeTokens, renderedTokens } from "./render.ts";

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
  [": item", "\\: item"],
  ["a\u202eb\u0007c", "a\ufffdb\ufffdc"],
])("a line that begins as %j stays a paragraph", (value, expected) => {
  expect(markdownText(value)).toBe(expected);
});

test.each([
  ["see https://x.example/a_b, now", "see `https://x.example/a_b`, now"],
  ['("www.x.example")', '("`www.x.example`")'],
  ["![x](https://x.example/i.png)", "`![x](https://x.example/i.png`)"],
  ["ada@x.example", "`ada@x.example`"],
])("the address in %j stands as code", (value, expected) => {
  expect(markdownText(value)).toBe(expected);
});

test.each([
  ["plain", "`plain`"],
  ["a`b", "`a`\\``b`"],
  ["`a", "\\``a`"],
  ["a``b", "`a`\\`\\``b`"],
  ["a\r\nb", "`a b`"],
  ["", "`  `"],
  ["a\\|b", "`a\\`\\|`b`"],
])("the code span of %j is %j", (value, expected) => {
  expect(markdownCode(value)).toBe(expected);
});

test("the commands of a sentence are code", () => {
  expect(markdownProse("Run `./spillway lookup a_b` in a_b.")).toBe("Run `./spillway lookup a_b` in a\\_b.");
  expect(markdownProse("A lone ` is text.")).toBe("A lone \\` is text.");
  expect(markdownProse("Ask a@b.example`./spillway check`")).toBe("Ask `a@b.example` `./spillway check`");
});

test("a table is a line each", () => {
  expect(table(["A", "B"], [["1", "2"]])).toBe("| A | B |\n| --- | --- |\n| 1 | 2 |");
  expect(checklist(["One.", "Two."])).toBe("- [ ] One.\n- [ ] Two.");
});

const renders = fc.constantFrom(markdownText, markdownCode, markdownProse);

test("no value adds a cell or a line", () => {
  fc.assert(
    fc.property(hostileName, renders, (content, render) => {
      const rows = renderedTokens(table(["A", "B"], [[render(content), "b"]]));
      expect(rows[0]).toMatchObject({ type: "table", rows: [[{}, { text: "b" }]] });
      expect(rows.filter(({ type }) => type === "table")).toHaveLength(1);
    }),
    { numRuns: 1_000 },
  );
});

test("no value becomes a link, an image, HTML or a block", () => {
  fc.assert(
    fc.property(hostileName, renders, (content, render) => {
      const line = render(content);
      expect(line).not.toMatch(/[\n\r\u2028\u202e]/);
      expect(activeTokens(line)).toEqual([]);
      expect(activeTokens(`Before.\\\n${line}`)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});
