import type { KnownProvider } from "../../cognito/configuration.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { readMigration } from "../../ledger/runs.ts";
import type { Migration } from "../../migration.ts";
import type { RunRef } from "../../workflows/contract.ts";
import type { Deps } from "../deps.ts";

/** The migration file, and the pool's providers as assess read them. */
export async function providersOf(
  { ledger }: Deps,
  { migrationId }: RunRef,
): Promise<{ file: Migration; providers: KnownProvider[] }> {
  const { file } = await ledger.read((db) => readMigration(db, migrationId));
  const providers = await ledger.read((db) => readConfiguration<KnownProvider>(db, migrationId, "provider"));
  return { file, providers };
}
