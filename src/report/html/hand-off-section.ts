import { html, raw } from "hono/html";
import { Marked } from "marked";
import { handOffSections } from "../handoff/hand-off.ts";
import type { PageInput } from "./input.ts";
import type { Section } from "./parts.ts";
import { escaped } from "./words.ts";

/** What handoff.md says below its counts. */
export function handOffSection(input: PageInput): Section {
  // Markdown of ours, in which names from outside are escaped; what would be a tag all the same is shown as text.
  const page = renderer.parse(handOffSections(input), { async: false });
  return { id: "hand-off", title: "Hand-off", body: html`${raw(page)}` };
}

const BREAK = "<br>";
/** Sections of the document are parts of one of the page. */
const DEEPER = 1;

const renderer = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => (text.trim() === BREAK ? BREAK : escaped(text)),
    image: ({ text }) => escaped(text),
    link: ({ text }) => escaped(text),
    heading({ tokens, depth }) {
      const level = depth + DEEPER;
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
    checkbox: () => `<span aria-hidden="true">☐</span> `,
    table(token) {
      const cells = (row: typeof token.header, tag: string, scope: string) =>
        row.map(({ tokens }) => `<${tag}${scope}>${this.parser.parseInline(tokens)}</${tag}>`).join("");
      const head = cells(token.header, "th", ' scope="col"');
      const rows = token.rows.map((row) => `<tr>${cells(row, "td", "")}</tr>`).join("\n");
      const name = escaped(token.header[0]?.text ?? "");
      return `<div class="scroll" role="group" tabindex="0" aria-label="${name}"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>\n`;
    },
  },
});
