import type { MissingProvider } from "../../src/domain/contract.ts";

const COLUMNS = 100;

/** Breaks text between words into lines of at most 100 columns, each behind `indent`. A longer word stays whole. */
export function wrapped(text: string, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent.length + line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${indent}${one}`).join("\n");
}

/** Seconds since that moment: "0.8 s". */
export function since(atMs: number, untilMs = Date.now()): string {
  return `${((untilMs - atMs) / 1_000).toFixed(1)} s`;
}

/** A provider that the run waits for, as its progress query tells it. */
export function missingText({ name, fault, advice }: MissingProvider): string {
  return `  ${name}: ${fault ?? "not looked at yet"}\n${wrapped(advice, "    ")}`;
}
