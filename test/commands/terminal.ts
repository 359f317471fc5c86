import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { onTestFinished, test } from "vitest";
import { spawnAtTerminal } from "../setup/terminal-process.ts";

export const KEYS = { enter: "\r", down: "\x1b[B", ctrlC: "\x03" };

/** Elsewhere `script` takes other words. */
export const testAtTerminal = test.skipIf(process.platform !== "linux");

/** A command at a terminal of its own. */
export interface AtTerminal {
  /** Resolves when the screen has shown the text since the last key; spaces and line breaks count alike. */
  shown(text: string | RegExp): Promise<string>;
  press(...keys: string[]): void;
  ended: Promise<{ code: number | null; text: string; lines: readonly string[] }>;
}

/** Starts a command at a terminal, which ends with the test at the latest. */
export function startAtTerminal(
  words: readonly string[],
  folder: string,
  settings: Readonly<Record<string, string>>,
  columns = 80,
): AtTerminal {
  const child = spawnAtTerminal({ words, folder, settings, columns, rows: 50 });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  let since = 0;
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  const plain = (from = 0) => stripVTControlCharacters(text.slice(from)).replaceAll(/\s+/g, " ");
  const lines = () => stripVTControlCharacters(text).split(/\r?\n/);
  const ended = once(child, "close").then(() => ({ code: child.exitCode, text: plain(), lines: lines() }));
  const isShown = (what: string | RegExp) =>
    typeof what === "string" ? plain(since).includes(what) : what.test(plain(since));
  return {
    ended,
    async shown(what) {
      while (!isShown(what)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`It ended before it showed ${what}: ${plain()}`);
        await Promise.race([once(child.stdout, "data"), ended]);
      }
      return plain(since);
    },
    press(...keys) {
      since = text.length;
      for (const key of keys) child.stdin.write(key);
    },
  };
}
