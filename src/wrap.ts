import { asCalled } from "./called-as.ts";
import { terminalText } from "./domain/terminal-text.ts";

/** Of a line where nobody says how wide it is. */
const DEFAULT_COLUMNS = 80;
/** Longer lines are hard to read. */
const MAX_COLUMNS = 100;
/** What stands in backticks is to be copied: it stays on one line. So does a number with its unit. */
const WORDS = /(?:`[^`]*`|\S|(?<=\d) (?=(?:s|min|h|d|%)(?!\w)))+/g;

/** How wide text is to be; some terminals say 0. */
export function columnsOf({ columns }: { columns?: number | undefined }): number {
  return Math.min(columns || DEFAULT_COLUMNS, MAX_COLUMNS);
}

/** Breaks a text of one paragraph at its spaces, whatever is in it. A word that is longer than a line has one of its own. */
export function wrapped(text: string, columns: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of terminalText(asCalled(text)).match(WORDS) ?? []) {
    const longer = line === "" ? `${indent}${word}` : `${line} ${word}`;
    if (line === "" || longer.length <= columns) line = longer;
    else {
      lines.push(line);
      line = `${indent}${word}`;
    }
  }
  return [...lines, line].join("\n");
}
