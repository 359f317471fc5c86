import { inspect } from "node:util";
import { asCalled } from "./called-as.ts";
import type { Parsed } from "./domain/migration.ts";
import { terminalLines, terminalText } from "./domain/terminal-text.ts";
import { LedgerError } from "./ledger/errors.ts";
import { columnsOf, wrapped } from "./wrap.ts";

/** Exit codes of every command: 0 done, 1 failed, 2 wrong use or set-up, 130 stopped by a signal before its end. */
export const EXIT_FAILED = 1;
export const EXIT_WRONG_USE = 2;
export const EXIT_STOPPED = 130;

/** A mistake that the person at the keyboard can mend; the message is one sentence for them. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What failed although nothing was wrong with the command; the message is one sentence. */
export class FailedError extends Error {
  override readonly name = "FailedError";
}

/** What was parsed; throws UsageError with the sentence where it could not be. */
export function required<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new UsageError(parsed.sentence);
  return parsed.value;
}

/** One sentence on standard error, whatever is in it: on one line, but for a terminal. */
export function complain(sentence: string): void {
  const { stderr } = process;
  const text = stderr.isTTY ? wrapped(sentence, columnsOf(stderr)) : terminalText(asCalled(sentence));
  stderr.write(`${text}\n`);
}

/** Ends this process, which nothing but a new start can help, with one sentence. */
export function endWith({ message, problem }: LedgerError): never {
  complain(message);
  // A thread that is stuck in the disk would hold up an orderly exit for as long.
  if (problem === "ledger_stuck") process.kill(process.pid, "SIGKILL");
  process.exit(EXIT_FAILED);
}

/** Ends the process with one sentence; what nobody expected is shown as it is. */
export function wrongUse(problem: unknown): void {
  if (typeof problem === "string" || problem instanceof UsageError || problem instanceof LedgerError) {
    complain(typeof problem === "string" ? problem : problem.message);
    process.exitCode = EXIT_WRONG_USE;
    return;
  }
  process.exitCode = EXIT_FAILED;
  if (problem instanceof FailedError) complain(problem.message);
  else process.stderr.write(`${terminalLines(inspect(problem))}\n`);
}
