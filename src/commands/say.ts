import { terminalLines } from "../domain/terminal-text.ts";

/** What commands print on standard output: nothing in it acts on the terminal but its line breaks. */
export function say(text: string): void {
  process.stdout.write(`${terminalLines(text)}\n`);
}

export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}
