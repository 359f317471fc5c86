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

/** The same for what nobody can take back: the answer is a name, typed. */
export async function confirmByName(question: string, name: string, isAnswered: boolean): Promise<void> {
  if (isAnswered) return;
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UsageError(`${question} There is no terminal to ask at: say yes with --yes.`);
  const { input } = await import("@inquirer/prompts");
  if ((await input({ message: `${question} Type ${name}:` })).trim() !== name)
    throw new UsageError("Nothing was changed.");
}
