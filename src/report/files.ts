import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";
import { asInstalled } from "../domain/programs.ts";

/** Reports are for their owner alone, and never written over what is there. */
const PRIVATE = { mode: 0o600, flag: "wx" } as const;

type Rows<T> = Iterable<T> | AsyncIterable<T>;
type Row = readonly (string | null)[];

/** What spreadsheets pass over at the beginning of a cell: blanks, quotes, and signs that nobody sees. */
const PASSED_OVER = String.raw`["\s\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*`;
/** What begins a formula, in the widths that spreadsheets take for the same. */
const BEGINS_FORMULA = String.raw`[=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]`;
/**
 * A formula at the beginning of a cell, or behind what begins one where a spreadsheet takes another character for the
 * separator: quotes then hold nothing together, but for those at the beginning of a line.
 */
const FORMULA = new RegExp(String.raw`((?:^|[;\t\r\n])${PASSED_OVER})(?=${BEGINS_FORMULA})`, "gu");
/** Nearly every cell is like this, and told from the others at a quarter of the cost of a search in it. */
const BEGINS_NO_FORMULA = /^\w[^;\t\r\n]*$/;
/** Quoted, so that one who knows several separators at once keeps them together. */
const OTHER_SEPARATORS = /[;\t\r]/;

/** A file that grows row by row. */
export interface CsvFile {
  /** Waits while the disk is slower than the rows come. */
  add(row: Row): Promise<void>;
}

/** Values that a spreadsheet would take for a formula are made text, whichever separator it knows. Null is empty. */
export async function writeCsv(path: string, columns: readonly string[], rows: Rows<Row>): Promise<void> {
  await fillCsv(path, columns, async (file) => {
    for await (const row of rows) await file.add(row);
  });
}

/** The same of rows that come from several sides. */
export async function fillCsv<Result>(
  path: string,
  columns: readonly string[],
  fill: (file: CsvFile) => Promise<Result>,
): Promise<Result> {
  const csv = stringify({
    header: true,
    columns: [...columns],
    cast: { string: (text) => withoutFormula(asInstalled(text)) },
    quoted_match: OTHER_SEPARATORS,
  });
  const written = pipeline(csv, streamTo(path));
  // Whoever adds a row, or ends the file, hears of it.
  written.catch(() => undefined);
  const file = {
    add: async (row: Row) => {
      if (!csv.write(row)) await Promise.race([once(csv, "drain"), written]);
    },
  };
  try {
    const result = await fill(file);
    csv.end();
    await written;
    return result;
  } catch (error) {
    csv.destroy();
    await written.catch(() => undefined);
    throw error;
  }
}

function withoutFormula(text: string): string {
  return BEGINS_NO_FORMULA.test(text) ? text : text.replace(FORMULA, "$1'");
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
  await writeFile(path, asInstalled(text), PRIVATE);
}

function streamTo(path: string) {
  const { mode, flag: flags } = PRIVATE;
  return createWriteStream(path, { mode, flags });
}
