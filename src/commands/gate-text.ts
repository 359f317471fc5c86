import type { KeptProvider, MissingProvider } from "../domain/contract.ts";
import { keptSentence } from "../domain/sentence.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { wrapped } from "../wrap.ts";

/** One look at the gate, and the look before it. */
export interface AtGate {
  missing: readonly MissingProvider[];
  /** Empty at first. */
  before: readonly MissingProvider[];
  /** Those that it lets pass by what an earlier run was told. */
  kept: readonly KeptProvider[];
  /** Goes on without the first of them. */
  command: string;
}

/** What a run waits for: at first all of it, later what changed. The command stays on a line of its own. Begins with `stamp`. */
export function gateText({ missing, before, kept, command }: AtGate, columns: number, stamp = ""): string {
  const gone = before.filter((one) => !missing.some(({ name }) => name === one.name));
  const news = missing.filter((one) => !before.some((earlier) => isSame(one, earlier)));
  const parts = [
    before.length === 0
      ? "Waiting: people of these identity providers would not come to the same sign-in as at Cognito yet."
      : "",
    ...(before.length === 0 ? kept.map((one) => terminalText(keptSentence(one))) : []),
    gone.length > 0 ? `No longer waited for: ${namesOf(gone)}.` : "",
    ...news.map((one) => providerText(one, columns)),
    `Waiting for ${namesOf(missing)}. The run looks again by itself, and goes on once they are right. To go on without one:`,
  ];
  const text = parts
    .filter((part) => part !== "")
    .map((part, index) => (index === 0 ? `${stamp}${part}` : part))
    .map((part) => (part.includes("\n") ? part : wrapped(part, columns)))
    .join("\n\n");
  return `${text}\n  ${command}`;
}

function providerText({ name, fault, advice }: MissingProvider, columns: number): string {
  const head = fault === null ? name : `${name}: ${fault}`;
  return `  ${terminalText(head)}\n${wrapped(advice, columns, "    ")}`;
}

function namesOf(providers: readonly MissingProvider[]): string {
  return providers.map(({ name }) => terminalText(name)).join(", ");
}

function isSame(one: MissingProvider, other: MissingProvider): boolean {
  return one.name === other.name && one.fault === other.fault && one.advice === other.advice;
}
