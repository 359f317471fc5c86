import { styleText } from "node:util";
import cliProgress, { type MultiBar, type SingleBar } from "cli-progress";
import { asCalled } from "../called-as.ts";
import { PHASES } from "../domain/phases.ts";
import { terminalLines } from "../domain/terminal-text.ts";
import { columnsOf } from "../wrap.ts";
import { type Row, WHOLE_RUN } from "./progress-rows.ts";

/** Where progress is shown: bars on a terminal that moves its cursor, plain lines elsewhere. */
export interface Screen {
  /** How wide text is to be. */
  readonly columns: number;
  show(rows: readonly Row[]): void;
  /** One sentence or block that stays on the screen; its first words, up to a colon, in the colour of its tone. */
  say(text: string, tone?: Tone): void;
  close(): void;
}

export type Tone = "plain" | "good" | "waits" | "bad";

const COLOURS = { good: "green", waits: "yellow", bad: "red" } as const;
/** "[12:00:00] Blocked: …" */
const FIRST_WORDS = /^(\[[\d:]+\] )?([^:.\n]+)/;

/** What is said, safe for a terminal; colours where the stream shows them and NO_COLOR does not forbid them. */
function saidOn(stream: NodeJS.WriteStream, text: string, tone: Tone): string {
  const lines = terminalLines(asCalled(text));
  if (tone === "plain") return lines;
  return lines.replace(
    FIRST_WORDS,
    (_, at: string = "", words: string) => at + styleText(COLOURS[tone], words, { stream }),
  );
}

const LINES_EVERY_MS = 3_000;
const NAME_WIDTH = Math.max(...PHASES.map((phase) => phase.length));
const MAX_BAR_WIDTH = 30;
const MIN_BAR_WIDTH = 10;
/** Columns that a phase's name, percents and counts take beside its bar. */
const BESIDE_BAR = 70;

export function openScreen(stream: NodeJS.WriteStream = process.stdout): Screen {
  return stream.isTTY && process.env.TERM !== "dumb" ? new Bars(stream) : new Lines(stream);
}

/** Clears what is below and lets long lines wrap, which cli-progress turns off. */
const BEFORE_TEXT = "\x1b[J\x1b[?7h";
const AFTER_TEXT = "\x1b[?7l";

interface Payload {
  row?: Row;
}

class Bars implements Screen {
  readonly #bars: MultiBar;
  readonly #stream: NodeJS.WriteStream;
  #byPhase: Map<string, SingleBar> | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#bars = new cliProgress.MultiBar(
      {
        stream,
        barsize: MAX_BAR_WIDTH,
        hideCursor: true,
        clearOnComplete: false,
        stopOnComplete: false,
        // Whatever is said moves the bars down: then all of them are drawn again.
        forceRedraw: true,
        gracefulExit: false,
        format: (options, { progress }, { row }: Payload) => {
          if (row === undefined) return "";
          const name = row.phase.padEnd(NAME_WIDTH);
          if (row.phase === WHOLE_RUN)
            return row.text === "" ? "" : cutOff(`${name} ${row.text}`, this.#stream.columns);
          const percent = row.share === null ? "    " : `${Math.floor(row.share * 100)} %`.padStart(5);
          const bar = cliProgress.Format.BarFormat(progress, { ...options, barsize: barWidth(this.columns) });
          return cutOff(`${name} ${bar} ${percent}  ${row.text}`, this.#stream.columns);
        },
      },
      cliProgress.Presets.shades_grey,
    );
  }

  get columns(): number {
    return columnsOf(this.#stream);
  }

  show(rows: readonly Row[]): void {
    if (this.#byPhase === undefined) {
      this.#byPhase = new Map(rows.map((row) => [row.phase, this.#bars.create(1, 0, { row })]));
      process.once("exit", this.#restore);
    }
    for (const row of rows) this.#byPhase.get(row.phase)?.update(row.share ?? 0, { row });
    for (const [phase, bar] of this.#byPhase) {
      if (rows.some((row) => row.phase === phase)) continue;
      this.#bars.remove(bar);
      this.#byPhase.delete(phase);
    }
  }

  say(text: string, tone: Tone = "plain"): void {
    const lines = saidOn(this.#stream, text, tone);
    if (this.#byPhase === undefined) this.#stream.write(`${lines}\n`);
    else this.#bars.log(`${BEFORE_TEXT}${lines}\n${AFTER_TEXT}`);
  }

  close(): void {
    process.off("exit", this.#restore);
    this.#restore();
  }

  /** Draws all for the last time and gives the cursor back. */
  readonly #restore = () => {
    if (this.#byPhase === undefined) return;
    this.#byPhase = undefined;
    this.#bars.update();
    this.#bars.stop();
  };
}

/** The counts matter more than the bar. */
function barWidth(columns: number): number {
  return Math.max(MIN_BAR_WIDTH, Math.min(MAX_BAR_WIDTH, columns - BESIDE_BAR));
}

/**
 * The last column stays free: in it the cursor stands over what was written there, and cli-progress clears the rest of
 * the line from the cursor on. Half a number would be read as one.
 */
function cutOff(line: string, columns: number | undefined): string {
  return columns && line.length >= columns ? `${line.slice(0, columns - 2)}…` : line;
}

/** What a run passes by would be told after what comes later. */
function hasBegun({ text, settled, share }: Row): boolean {
  return text !== "" && (settled > 0 || share !== null);
}

class Lines implements Screen {
  readonly #stream: NodeJS.WriteStream;
  #shownAtMs = 0;
  readonly #last = new Map<string, number>();
  #open: Row[] = [];

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  get columns(): number {
    return columnsOf(this.#stream);
  }

  show(rows: readonly Row[]): void {
    const changed = rows.filter((row) => hasBegun(row) && this.#last.get(row.phase) !== row.settled);
    const isDue = Date.now() - this.#shownAtMs >= LINES_EVERY_MS;
    this.#open = changed.filter((row) => row.share !== 1 && !isDue);
    for (const row of changed) if (row.share === 1 || isDue) this.#write(row);
  }

  say(text: string, tone: Tone = "plain"): void {
    this.#stream.write(`${saidOn(this.#stream, text, tone)}\n`);
  }

  close(): void {
    for (const row of this.#open) this.#write(row);
  }

  #write(row: Row): void {
    this.#shownAtMs = Date.now();
    this.#last.set(row.phase, row.settled);
    this.#stream.write(`${row.phase.padEnd(NAME_WIDTH)}  ${row.text}\n`);
  }
}
