import { UsageError } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { allMigrations } from "../ledger/lookups.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { destinationSettings, type Settings } from "../settings.ts";

export interface Choice {
  pool?: string | undefined;
  environment?: string | undefined;
}

/**
 * The one migration of the ledger that is meant; of several, the one that the settings here lead to: after a rehearsal in
 * another environment a command is about production where production's settings are. Null settings: that has to be named.
 * Throws UsageError for none or several.
 */
export async function chooseMigration(
  ledger: Ledger,
  choice: Choice,
  settings: Settings | null,
): Promise<MigrationRow> {
  const all = await ledger.read((db) => allMigrations(db));
  const fitting = all.filter(
    (row) =>
      (choice.pool === undefined || row.file.source.userPoolId === choice.pool) &&
      (choice.environment === undefined || row.environment === choice.environment),
  );
  const here = settings === null ? [] : fitting.filter((row) => isHere(row, settings));
  const [one, ...others] = fitting.length > 1 && here.length > 0 ? here : fitting;
  if (one !== undefined && others.length === 0) return one;
  if (all.length === 0) throw new UsageError("The ledger knows no migration yet; check SPILLWAY_LEDGER.");
  const known = all.map((row) => `${row.file.source.userPoolId} to ${row.environment}`).join(", ");
  throw new UsageError(
    one === undefined
      ? `The ledger knows no such migration; it knows: ${known}.`
      : `The ledger knows several migrations (${known}); choose one with ${choice.pool === undefined ? "--pool and " : ""}--environment.`,
  );
}

function isHere({ destinationKind, environment }: MigrationRow, settings: Settings): boolean {
  const read = destinationSettings(settings, destinationKind);
  return read.ok && read.value.environment === environment;
}
