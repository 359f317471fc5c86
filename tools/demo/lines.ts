import type { MissingProvider } from "../../src/domain/contract.ts";
import { wrapped as wrappedAt } from "../../src/wrap.ts";

const COLUMNS = 100;

/** A text of one paragraph in lines of at most 100 columns, each behind `indent`; a command stays whole. */
export function wrapped(text: string, indent = ""): string {
  return wrappedAt(text, COLUMNS, indent);
}

/** Seconds since that moment: "0.8 s". */
export function since(atMs: number, untilMs = Date.now()): string {
  return `${((untilMs - atMs) / 1_000).toFixed(1)} s`;
}

/** A provider that the run waits for, as its progress query tells it. */
export function missingText({ name, fault, advice }: MissingProvider): string {
  return `  ${name}: ${fault ?? "not looked at yet"}\n${wrapped(advice, "    ")}`;
}
