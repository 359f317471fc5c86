import { asCalled } from "../called-as.ts";
import { terminalText } from "../domain/terminal-text.ts";
import type { Explained } from "../explain/find.ts";
import { wrapped } from "../wrap.ts";

/** Codes and what they mean, as a person reads them. */

export function explainedText(found: readonly Explained[], columns: number): string {
  return found.map((one) => oneText(one, columns)).join("\n\n");
}

function oneText({ code, title, means, help, commands }: Explained, columns: number): string {
  const parts = [
    wrapped(`${code}: ${title.charAt(0).toLowerCase()}${title.slice(1)}`, columns),
    wrapped(means, columns, "  "),
    ...(help === null ? [] : [wrapped(help, columns, "  ")]),
    // Commands stay on a line, to be copied.
    ...commands.map(({ to, command }) =>
      [...(to === null ? [] : [wrapped(to, columns, "  ")]), `    ${terminalText(asCalled(command))}`].join(
        "\n",
      ),
    ),
  ];
  return parts.join("\n\n");
}

/** A line for each code, below its kind. */
export function listText(all: readonly Explained[], columns: number): string {
  const kinds = Map.groupBy(all, ({ title }) => title);
  const width = Math.max(...all.map(({ code }) => code.length));
  const sections = [...kinds].map(([title, codes]) =>
    [
      title,
      ...codes.map((one) => cut(`  ${one.code.padEnd(Math.min(width, MAX_CODE))} ${one.means}`, columns)),
    ].join("\n"),
  );
  return sections.join("\n\n");
}

/** Few are longer: their lines are indented by themselves. */
const MAX_CODE = 28;

function cut(line: string, columns: number): string {
  const text = terminalText(asCalled(line));
  return text.length <= columns ? text : `${text.slice(0, columns - 1).trimEnd()}…`;
}
