import { UsageError } from "../exit.ts";
import { allExplained, explained, nearestTo } from "../explain/find.ts";
import { columnsOf } from "../wrap.ts";
import { explainedText, listText } from "./explain-text.ts";
import { say, sayJson } from "./say.ts";

interface ExplainOptions {
  json?: true | undefined;
}

/** Needs neither settings nor ledger. */
export function explain(code: string | undefined, { json }: ExplainOptions): void {
  const found = code === undefined ? allExplained() : explained(code);
  if (code !== undefined && found.length === 0) throw new UsageError(unknown(code));
  const text = code === undefined ? listText : explainedText;
  if (json) sayJson(found);
  else say(text(found, columnsOf(process.stdout)));
}

function unknown(code: string): string {
  const nearest = nearestTo(code).map((one) => `\`./spillway explain ${one}\``);
  return `Spillway has no code ${JSON.stringify(code)} of its own: look it up where AWS or the destination explains theirs, or try ${nearest.join(", ")}.`;
}
