/** Cells are Markdown already: made by `markdownText`, `markdownCode` or `markdownProse`. */
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
