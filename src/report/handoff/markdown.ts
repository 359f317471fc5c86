/** Markdown of whatever: names and addresses come from outside and must not become anything but text. */

/** Text as it reads, on one line. */
export function text(value: string): string {
  return oneLine(value).replace(/[\\`*_[\]<>|~&#!]/g, "\\$&");
}

/** A code span that holds its text whatever is in it. */
export function code(value: string): string {
  const line = oneLine(value).trim();
  // In a table a pipe ends the cell even inside of a span.
  if (line.includes("|")) return `<code>${text(line)}</code>`;
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A sentence of ours, whose commands stand in backticks. */
export function prose(sentence: string): string {
  const parts = sentence.split("`");
  return parts
    .map((part, index) => {
      if (index % 2 === 0) return text(part);
      // One that has no partner is no command.
      return index === parts.length - 1 ? text(`\`${part}`) : code(part);
    })
    .join("");
}

/** Cells are Markdown already: made by `text`, `code` or `prose`. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

export function checklist(items: readonly string[]): string {
  return items.map((item) => `- [ ] ${item}`).join("\n");
}

/** What breaks a line breaks a table. */
function oneLine(value: string): string {
  return value.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}
