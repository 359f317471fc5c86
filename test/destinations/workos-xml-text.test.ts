import { expect, test } from "vitest";
import { xmlText } from "../../src/destinations/workos/xml-text.ts";

test.each([
  ["https://idp.example/sso?a=1&amp;b=2", "https://idp.example/sso?a=1&b=2"],
  ["a=1&#38;b=2&#x26;c=3", "a=1&b=2&c=3"],
  ["&lt;&gt;&quot;&apos;", "<>\"'"],
  ["&amp;#38; stays text", "&#38; stays text"],
  ["&unknown; &#x110000;", "&unknown; &#x110000;"],
])("of %s the text is %s", (written, read) => {
  expect(xmlText(written)).toBe(read);
});
