import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";

/** Reports are for their owner alone, and never written over what is there. */
const PRIVATE = { mode: 0o600, flag: "wx" } as const;

type Rows<T> = Iterable<T> | AsyncIterable<T>;

/**
 * A formula at the beginning of a cell, or behind what begins one where a spreadsheet takes another character for the
 * separator: quotes then hold nothing together, but for those at the beginning of a line.
 */
const FORMULA = /((?:^|[;\t\r\n])[\s"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;
/** Quoted, so that one who knows several separators at once keeps them together. */
const OTHER_SEPARATORS = /[;\t\r]/;

/** Values that a spreadsheet would take for a formula are made text, whichever separator it knows. Null is empty. */
export async function writeCsv(
  path: string,
  columns: readonly string[],
  rows: Rows<readonly (string | null)[]>,
): Promise<void> {
  const csv = stringify({
    header: true,
    columns: [...columns],
    cast: { string: (text) => text.replace(FORMULA, "$1'") },
    quoted_match: OTHER_SEPARATORS,
  });
  await pipeline(rows, csv, streamTo(path));
}

/** Returns how many there were. */
export async function writeLines(path: string, lines: Rows<string>): Promise<number> {
  let count = 0;
  async function* ended(): AsyncGenerator<string> {
    for await (const line of lines) {
      count += 1;
      yield `${line}\n`;
    }
  }
  await pipeline(ended(), streamTo(path));
  return count;
}

export async function writeText(path: string, text: string): Promise<void> {
  await writeFile(path, text, PRIVATE);
}

function streamTo(path: string) {
  const { mode, flag: flags } = PRIVATE;
  return createWriteStream(path, { mode, flags });
}
