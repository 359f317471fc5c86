import { LedgerError } from "./ledger/errors.ts";
import type { Parsed } from "./migration.ts";

/** Exit codes of every command: 0 done, 1 failed, 2 wrong use or set-up. */
export const EXIT_FAILED = 1;
export const EXIT_WRONG_USE = 2;

/** A mistake that the person at the keyboard can mend; the message is one sentence for them. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was parsed; throws UsageError with the sentence where it could not be. */
export function required<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new UsageError(parsed.sentence);
  return parsed.value;
}

/** Ends the process with one sentence; what nobody expected is shown as it is. */
export function wrongUse(problem: unknown): void {
  if (typeof problem === "string" || problem instanceof UsageError || problem instanceof LedgerError) {
    process.stderr.write(`${typeof problem === "string" ? problem : problem.message}\n`);
    process.exitCode = EXIT_WRONG_USE;
    return;
  }
  console.error(problem);
  process.exitCode = EXIT_FAILED;
}
