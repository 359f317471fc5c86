import fc from "fast-check";

/** What Markdown, HTML, shells and terminals act on, and what renderers make links of by themselves. */
const FRAGMENTS = [
  ..."`|\\\n\r\u2028\u202e\x1b<>[](){}!#*_~&$^=+-:;.,'\"@ 1a",
  "``",
  "```",
  "\n\n",
  ". ",
  "; ",
  "https://evil.example/a_b",
  "HTTP://evil.example",
  "ftp://evil.example",
  "www.evil.example",
  "mailto:",
  "xmpp:",
  "eve@evil.example",
  "![x](https://evil.example/x.png)",
  "[x](//evil.example)",
  "[x]: https://evil.example",
  "<a href='https://evil.example'>x</a>",
  "<img src=x>",
  "<https://evil.example>",
  "&#104;ttps://evil.example",
  "| --- |",
  "--name",
  "$$",
  "$(x)",
];

/** Names as somebody might choose them who wants to be more than text. */
export const hostileName = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom(...FRAGMENTS), { minLength: 1, maxLength: 12 }).map((parts) => parts.join("")),
);
