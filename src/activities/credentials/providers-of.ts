import type { RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import type { KnownProvider } from "../../domain/pool.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { readMigration } from "../../ledger/runs.ts";
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
