import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { VENDORS } from "../destinations/registry.ts";
import { type Migration, parseMigration } from "../domain/migration.ts";
import { required, UsageError } from "../exit.ts";
import { type Ledger, openLedger } from "../ledger/ledger.ts";
import { sqliteFile } from "../ledger/sqlite.ts";
import { readSettings, type Settings } from "../settings.ts";
import { parseJsonFile } from "./json-file.ts";

/** What commands begin with; each throws UsageError with one sentence. */

export function requiredSettings(): Settings {
  return required(readSettings());
}

export async function readMigrationFile(path: string): Promise<Migration> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new UsageError(isMissing ? `There is no file ${path}.` : `The file ${path} cannot be read.`);
  }
  const file = parseJsonFile(bytes);
  if (!file.ok) throw new UsageError(`The file ${path} ${file.sentence}`);
  return required(parseMigration(file.value, VENDORS));
}

/** The path of a SQLite ledger; null for PostgreSQL. */
export function sqlitePath(ledgerUrl: string): string | null {
  return ledgerUrl.startsWith("sqlite:") ? sqliteFile(ledgerUrl.slice("sqlite:".length)) : null;
}

/** Opens a ledger that is there already; one that is only asked is never made. */
export async function openExistingLedger(ledgerUrl: string): Promise<Ledger> {
  const path = sqlitePath(ledgerUrl);
  if (path !== null && !existsSync(path))
    throw new UsageError(`There is no ledger at ${path}; check SPILLWAY_LEDGER and the folder you are in.`);
  return openLedger(ledgerUrl);
}

/** Runs a question on the ledger and closes it, whatever happens. */
export async function withLedger<T>(ledger: Ledger, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}
