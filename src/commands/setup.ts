import { stat } from "node:fs/promises";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { required, UsageError } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { sqliteFile } from "../ledger/sqlite-file.ts";
import { readSettings, type Settings } from "../settings.ts";

/** What commands begin with; each throws UsageError with one sentence. */

export function requiredSettings(): Settings {
  return required(readSettings());
}

/** The path of a SQLite ledger; null for PostgreSQL. */
export function sqlitePath(ledgerUrl: string): string | null {
  return ledgerUrl.startsWith("sqlite:") ? sqliteFile(ledgerUrl.slice("sqlite:".length)) : null;
}

const IF_MISSING = "check SPILLWAY_LEDGER and the folder you are in";

/** Opens a ledger that is there already; one that is only asked is never made. `ifMissing` says what to do then. */
export async function openExistingLedger(ledgerUrl: string, ifMissing = IF_MISSING): Promise<Ledger> {
  const path = sqlitePath(ledgerUrl);
  if (path !== null) await lookAt(path, ifMissing);
  const { openLedger } = await import("../ledger/ledger.ts");
  return openLedger(ledgerUrl);
}

async function lookAt(path: string, ifMissing: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    throw new UsageError(
      code === "ENOENT"
        ? `There is no ledger at ${path}; ${ifMissing}.`
        : `The ledger ${path} cannot be read: ${fileTrouble(code)}; check SPILLWAY_LEDGER.`,
    );
  }
}

/** Runs a question on the ledger and closes it, whatever happens. */
export async function withLedger<T>(ledger: Ledger, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}
