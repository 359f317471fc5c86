import { UsageError } from "../exit.ts";

/** What gives access to whoever reads it is shown to a person only. Throws UsageError elsewhere, unless forced. */
export function terminalOnly(what: string, { force }: { force?: boolean | undefined }): void {
  if (process.stdout.isTTY || force) return;
  throw new UsageError(`${what} is shown at a terminal only; add --force to print it elsewhere.`);
}
