import { search, select } from "@inquirer/prompts";
import { terminalText } from "../domain/terminal-text.ts";

/** One of several at the terminal, whatever they are called. */

export interface Choice<T> {
  value: T;
  name: string;
  description?: string;
}

const PAGE_SIZE = 15;

/** The first one is what Enter takes. Of many, what is typed finds some; `always` stay below them. */
export function choose<T>(
  message: string,
  choices: readonly Choice<T>[],
  always: readonly Choice<T>[] = [],
): Promise<T> {
  const shown = [...choices, ...always].map(plain);
  const asked = { message: terminalText(message), pageSize: PAGE_SIZE };
  if (shown.length <= PAGE_SIZE) return select<T>({ ...asked, choices: shown, loop: false });
  return search<T>({
    ...asked,
    source: (term = "") => [...choices.filter((one) => isFound(one, term)), ...always].map(plain),
  });
}

function isFound({ name }: Choice<unknown>, term: string): boolean {
  return name.toLowerCase().includes(term.trim().toLowerCase());
}

/** Names come from outside. */
function plain<T>({ name, ...choice }: Choice<T>): Choice<T> {
  return { ...choice, name: terminalText(name) };
}
