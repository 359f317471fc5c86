import { shellLine } from "../domain/shell-line.ts";
import { UsageError } from "../exit.ts";

/** Ctrl-C at a prompt. */
export function isPromptLeft(error: unknown): boolean {
  return error instanceof Error && error.name === "ExitPromptError";
}

/** Asks at the terminal, default no. Throws UsageError for a no, or without a terminal to ask at. */
export async function confirmOrLeave(question: string, isAnswered: boolean): Promise<void> {
  if (isAnswered) return;
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UsageError(`${question} There is no terminal to ask at: say yes with --yes.`);
  const { confirm } = await import("@inquirer/prompts");
  if (!(await confirm({ message: question, default: false }))) throw new UsageError("Nothing was changed.");
}

/** What nobody can take back. */
export interface Irrevocable {
  pool: string;
  /** What would be done, in the words of whoever does it: "take all of this back". */
  what: string;
  /** `--confirm`, where it was given. */
  given: string | undefined;
  /** Of the command as it was given: what comes after `./spillway`. */
  words: readonly string[];
}

/** The pool's id typed back: a yes is given too easily. Throws UsageError for anything else, or without a terminal. */
export async function confirmPool({ pool, what, given, words }: Irrevocable): Promise<void> {
  const typed = given ?? (await typedPool(pool, what, words));
  if (typed.trim() !== pool) throw new UsageError(`That is not "${pool}". Nothing was changed.`);
}

async function typedPool(pool: string, what: string, words: readonly string[]): Promise<string> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    const command = shellLine(["./spillway", ...words, "--confirm", pool]);
    throw new UsageError(`There is no terminal to ask at. To ${what}: \`${command}\``);
  }
  const { input } = await import("@inquirer/prompts");
  return input({ message: `To ${what}, type the pool's id (${pool}):` });
}
