import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { writeCsv } from "../../src/report/files.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

async function written(cells: readonly (string | null)[]): Promise<string> {
  const path = join(freshFolder(), "report.csv");
  await writeCsv(
    path,
    cells.map((_, column) => `column_${column}`),
    [cells],
  );
  return readFileSync(path, "utf8").replace(/^.*\n/, "");
}

/** As a spreadsheet opens it that takes `separator` for the file's: a quote means something at a cell's beginning only. */
function opened(text: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let state: "begin" | "plain" | "quoted" | "closing" = "begin";
  for (const character of text) {
    if (state === "quoted" && character === '"') state = "closing";
    else if (state === "quoted") cell += character;
    else if (character === '"' && state !== "plain") {
      if (state === "closing") cell += character;
      state = "quoted";
    } else if ([separator, "\n", "\r"].includes(character)) {
      cells.push(cell);
      cell = "";
      state = "begin";
    } else {
      cell += character;
      state = "plain";
    }
  }
  return [...cells, cell];
}

/** Signs that a spreadsheet passes over, and nobody sees. */
const UNSEEN = {
  "a no-break space": "\u00a0",
  "an ideographic space": "\u3000",
  "a byte order mark": "\ufeff",
  "a space of no width": "\u200b",
  "a joiner": "\u200d",
  "a word joiner": "\u2060",
  "a soft hyphen": "\u00ad",
  "a mark of direction": "\u200f",
  "an Arabic mark of direction": "\u061c",
  "an override of direction": "\u202e",
  "an isolate of direction": "\u2066",
  "a filler": "\u3164",
  "a variation selector": "\ufe0f",
  "a tag": "\u{e0041}",
  "a blank of Braille": "\u2800",
  "a form feed": "\f",
  "a NUL": "\0",
  "an annotation": "\ufff9",
};
const FORMULA = new RegExp(
  `^[\\s${Object.values(UNSEEN).join("")}]*[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]`,
  "u",
);

test.each([
  ["behind a semicolon", ["sub-1", "x;=1+1"]],
  ["behind a semicolon and a quote", ["sub-1", 'x;"=1+1"']],
  ["behind a tab", ["sub-1", "x\t@SUM(A1)"]],
  ["behind a line break", ["sub-1", "x\n+1+1"]],
  ["behind a lone carriage return", ["sub-1", "x\r-1+1"]],
  ["behind a space", ["sub-1", " =1+1"]],
  ["in the first cell", ["x; =1+1", "y"]],
])("a cell with a formula %s makes none, whichever separator the file is opened with", async (_, cells) => {
  const text = await written(cells);
  for (const separator of [",", ";", "\t"])
    expect(opened(text, separator).filter((cell) => FORMULA.test(cell))).toEqual([]);
});

test.each(Object.entries(UNSEEN))("%s before a formula hides it from no one", async (_, sign) => {
  for (const cell of [`${sign}=1+1`, `"${sign}" =1+1`, `x;${sign}=1+1`, `${sign}\uff1d1+1`]) {
    const text = await written(["sub-1", cell]);
    for (const separator of [",", ";", "\t"])
      expect(opened(text, separator).filter((one) => FORMULA.test(one))).toEqual([]);
  }
});

test("no cells make a formula, whichever separator the file is opened with", async () => {
  const cell = fc.option(
    fc.string({ unit: fc.constantFrom(...";,\t\n\r\"'=+-@ ax\uff1d\u200b\u00ad"), maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 4 }), async (cells) => {
      const text = await written(cells);
      for (const separator of [",", ";", "\t"])
        expect(opened(text, separator).filter((one) => FORMULA.test(one))).toEqual([]);
    }),
  );
});

test("what is no formula stays as it is, in one cell", async () => {
  const cells = ["user_1", "a; b", "a\tb", "a\rb", 'the "A" team, Ltd.', "2-1=1; 1+1=2", ""];
  expect(opened((await written(cells)).trimEnd(), ",")).toEqual(cells);
});
