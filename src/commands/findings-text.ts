import type { Severity } from "../domain/findings/kind.ts";
import { type Draft, sentenceOf } from "../domain/findings.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { wrapped } from "../wrap.ts";

/** What stops a run comes last, where the eye is. */
const ROWS: readonly [Severity, name: string][] = [
  ["info", "Info"],
  ["warning", "Warning"],
  ["blocker", "Blocker"],
];
const NAME_WIDTH = "Blocker".length + 1;

/** Rows as those of the forecast, by severity, each sentence once. */
export function findingsText(drafts: readonly Draft[], columns: number): string {
  const indent = " ".repeat(NAME_WIDTH + 1);
  return ROWS.flatMap(([severity, name]) => {
    const own = drafts.filter((draft) => draft.severity === severity);
    const sentences = new Set(own.map((draft) => terminalText(sentenceOf(draft))));
    return [...sentences].map(
      (sentence) => `${name.padEnd(NAME_WIDTH)} ${wrapped(sentence, columns, indent).trimStart()}`,
    );
  }).join("\n");
}
