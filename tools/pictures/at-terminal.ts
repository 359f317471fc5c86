import { once } from "node:events";
import { spawnAtTerminal } from "../../test/setup/terminal-process.ts";
import { TerminalScreen } from "./terminal-screen.ts";

/** Higher than what is said there: nothing scrolls away. */
const ROWS = 200;
const PATIENCE_MS = 180_000;
const CTRL_C = "\x03";

export interface Place {
  folder: string;
  settings: Readonly<Record<string, string>>;
  columns: number;
}

/** A command of ours at a terminal, with what stands on its screen. */
export class AtTerminal {
  readonly screen: TerminalScreen;
  readonly columns: number;
  readonly #child: ReturnType<typeof spawnAtTerminal>;
  readonly #ended: Promise<unknown>;
  #isOver = false;

  constructor(words: readonly string[], { folder, settings, columns }: Place) {
    this.columns = columns;
    this.screen = new TerminalScreen(columns);
    this.screen.write(`$ ./spillway ${words.join(" ")}\r\n`);
    this.#child = spawnAtTerminal({
      words,
      folder,
      settings: { ...settings, TZ: "UTC" },
      columns,
      rows: ROWS,
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => this.screen.write(text));
    this.#ended = once(this.#child, "close").then(() => {
      this.#isOver = true;
    });
    process.once("exit", () => this.#child.kill("SIGKILL"));
  }

  /** Resolves when the screen shows it; a row of the screen is a line. */
  async until(shown: RegExp): Promise<void> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const late = once(patience, "abort");
    while (!shown.test(this.screen.text())) {
      if (this.#isOver || patience.aborted)
        throw new Error(`The terminal does not show ${shown}:\n${this.screen.text()}`);
      await Promise.race([once(this.#child.stdout, "data"), this.#ended, late]);
    }
  }

  async interrupt(): Promise<void> {
    this.#child.stdin.write(CTRL_C);
    await this.#ended;
  }

  async end(): Promise<void> {
    await this.#ended;
  }
}
