import { UNPRINTABLE } from "./unprintable.ts";

/** Markdown of whatever: names and addresses come from outside and must not become anything but text. */

/** Text as it reads, on one line: no image, link, HTML, heading, list or cell comes of it. */
export function markdownText(value: string): string {
  return escaped(value.trimStart()).replace(/^(?:[-+=]|\d+(?=[.)]))/, (mark) =>
    /\d/.test(mark) ? `${mark}\\` : `\\${mark}`,
  );
}

function escaped(value: string): string {
  return oneLine(value).replace(/[\\`*_[\]<>|~&#!]/g, "\\$&");
}

/** A code span that holds its text whatever is in it. */
export function markdownCode(value: string): string {
  const line = oneLine(value).trim();
  // In a table a pipe ends the cell even inside of a span.
  if (line.includes("|")) return `<code>${escaped(line)}</code>`;
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
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
    .join("");
}

/** What breaks a line breaks a table; what turns the direction of writing shows other words than are there. */
function oneLine(value: string): string {
  return value.replace(/\s+/g, " ").replace(UNPRINTABLE, "\ufffd");
}
