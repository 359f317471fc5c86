import { UNPRINTABLE } from "./unprintable.ts";

/** Markdown of whatever: names and addresses come from outside and must not become anything but text. */

/** Renderers make links of these although nothing marks them as links, and some do so after they took out escapes. */
const LINKED = /:\/\/|www\.|mailto:|xmpp:|@/i;
/** What stands around an address in a sentence. */
const AROUND = /^(["'(]*)(.*?)(["').,;:!?]*)$/;

/** Text as it reads, on one line: no image, link, HTML, heading, list or cell comes of it. Addresses stand as code. */
export function markdownText(value: string): string {
  return escaped(value.trimStart()).replace(/^(?:[-+=:]|\d+(?=[.)]))/, (mark) =>
    /\d/.test(mark) ? `${mark}\\` : `\\${mark}`,
  );
}

function escaped(value: string): string {
  return oneLine(value).split(" ").map(escapedWord).join(" ");
}

function escapedWord(word: string): string {
  if (LINKED.test(word))
    return word.replace(AROUND, (_, before, address, after) => `${before}${markdownCode(address)}${after}`);
  return word.replace(/[\\`*_[\]<>|~&#!$]/g, "\\$&");
}

/**
 * Code that holds its text whatever is in it. What would end a span, or a cell of a table even inside of one, stands
 * between two spans: renderers read longer fences differently.
 */
export function markdownCode(value: string): string {
  const line = oneLine(value).trim();
  if (line === "") return "`  `";
  // Every other part is what the line was split at.
  return line
    .split(/([`|])/)
    .map((part, index) => (index % 2 === 1 ? `\\${part}` : span(part)))
    .join("");
}

function span(text: string): string {
  if (text === "") return "";
  // A renderer takes a space away where there is one at either end.
  const pad = text.startsWith(" ") && text.endsWith(" ") ? " " : "";
  return `\`${pad}${text}${pad}\``;
}

/** A sentence of ours, whose commands stand in backticks. */
export function markdownProse(sentence: string): string {
  const parts = sentence.split("`");
  return parts
    .map((part, index) => {
      if (index % 2 === 0) return index === 0 ? markdownText(part) : escaped(part);
      // One that has no partner is no command.
      return index === parts.length - 1 ? escaped(`\`${part}`) : markdownCode(part);
    })
    .reduce(apart);
}

/** Two spans that touch would be one. */
function apart(before: string, text: string): string {
  return before.endsWith("`") && text.startsWith("`") ? `${before} ${text}` : `${before}${text}`;
}

/** What breaks a line breaks a table; what turns the direction of writing shows other words than are there. */
function oneLine(value: string): string {
  return value.replace(/\s+/g, " ").replace(UNPRINTABLE, "\ufffd");
}
