/** A character and its colour; null for the terminal's own. */
export interface Cell {
  character: string;
  colour: Colour | null;
}

const COLOURS = new Map<string, Colour>([
  ["31", "red"],
  ["32", "green"],
  ["33", "yellow"],
]);
type Colour = "red" | "green" | "yellow";
const CURSOR_SHOWN: readonly string[] = ["?25h", "?25l"];

export type Rows = readonly (readonly Cell[])[];

const ESCAPE = "\x1b";
/** A control sequence, a control character, or something to show. */
const PIECE = new RegExp(`${ESCAPE}\\[(\\??[\\d;]*)([A-Za-z])|[\\r\\n]|\\P{Control}`, "gu");
/** A piece of output may end within a sequence. */
const BEGUN = new RegExp(`${ESCAPE}(?:\\[[\\d;?]*)?$`);

/**
 * What stands on a terminal, of what was written to it: it knows the sequences that our screen and cli-progress use, and
 * throws at any other. It never scrolls.
 */
export class TerminalScreen {
  readonly #columns: number;
  readonly #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #wraps = true;
  #colour: Colour | null = null;
  #unread = "";

  constructor(columns: number) {
    this.#columns = columns;
  }

  write(text: string): void {
    const all = this.#unread + text;
    this.#unread = BEGUN.exec(all)?.[0] ?? "";
    const whole = all.slice(0, all.length - this.#unread.length);
    let read = 0;
    for (const match of whole.matchAll(PIECE)) {
      if (match.index !== read) break;
      read += match[0].length;
      this.#piece(match[0], match[1], match[2]);
    }
    if (read < whole.length)
      throw new Error(
        `The screen of the pictures does not know ${JSON.stringify(whole.slice(read, read + 8))}.`,
      );
  }

  /** As they stand now, without empty ones at the end. */
  rows(): Rows {
    const last = this.#rows.findLastIndex((row) => row.some(({ character }) => character !== " "));
    return this.#rows.slice(0, last + 1).map((row) => [...row]);
  }

  text(): string {
    return this.rows()
      .map((row) =>
        row
          .map(({ character }) => character)
          .join("")
          .trimEnd(),
      )
      .join("\n");
  }

  #piece(piece: string, values: string | undefined, letter: string | undefined): void {
    if (piece === "\r") this.#column = 0;
    else if (piece === "\n") this.#moveTo(this.#row + 1);
    else if (values !== undefined && letter !== undefined) this.#sequence(values, letter);
    else this.#show(piece);
  }

  #sequence(values: string, letter: string): void {
    const count = Number(values) || 1;
    const sequence = `${values.startsWith("?") ? values : ""}${letter}`;
    if (sequence === "A") this.#moveTo(Math.max(0, this.#row - count));
    else if (sequence === "B") this.#moveTo(this.#row + count);
    else if (sequence === "G") this.#column = count - 1;
    else if (sequence === "J") this.#clearBelow();
    else if (sequence === "K") this.#clearRight(values === "2" ? 0 : this.#column);
    else if (sequence === "m") this.#colour = COLOURS.get(values) ?? null;
    else if (sequence === "?7h" || sequence === "?7l") this.#wraps = letter === "h";
    else if (!CURSOR_SHOWN.includes(sequence))
      throw new Error(`The screen of the pictures does not know the sequence [${values}${letter}.`);
  }

  #moveTo(row: number): void {
    this.#row = row;
    while (this.#rows.length <= row) this.#rows.push([]);
  }

  #clearBelow(): void {
    this.#rows.splice(this.#row + 1);
    this.#clearRight(this.#column);
  }

  #clearRight(from: number): void {
    this.#rows[this.#row]?.splice(from);
  }

  #show(character: string): void {
    if (this.#column >= this.#columns) {
      if (this.#wraps) {
        this.#column = 0;
        this.#moveTo(this.#row + 1);
      } else this.#column = this.#columns - 1;
    }
    const row = this.#rows[this.#row] ?? [];
    while (row.length < this.#column) row.push({ character: " ", colour: null });
    row[this.#column] = { character, colour: this.#colour };
    this.#column += 1;
  }
}
