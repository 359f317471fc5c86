import type { RunRef } from "../../src/domain/contract.ts";
import type { Migration } from "../../src/domain/migration.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { findMigration, type MigrationIdentity, ownMigration } from "../../src/ledger/runs.ts";

/** The next run of a migration, which owns it from then on: what `open` does in the ledger. */
export async function ownedRun(
  ledger: Ledger,
  identity: MigrationIdentity,
  file: Migration,
  firstRunId: string,
): Promise<RunRef> {
  const before = await ledger.read((db) => findMigration(db, identity));
  const owner = { namespace: "default", workflowId: "w", firstRunId };
  const row = await ledger.write((tx) => ownMigration(tx, identity, file, owner, before));
  if (row === undefined) throw new Error("Somebody else took the migration.");
  const { destinationKind, environment } = identity;
  const { id: migrationId, generation } = row;
  return { ledgerId: ledger.id, destinationKind, environment, migrationId, generation, firstRunId };
}
