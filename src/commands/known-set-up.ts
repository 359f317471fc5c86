import type { KnownClient, KnownProvider } from "../domain/pool.ts";
import { UsageError } from "../exit.ts";
import { readConfiguration } from "../ledger/configuration.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MigrationRow } from "../ledger/runs.ts";

/** Providers and app clients as the newest run read them. Throws UsageError before that. */
export async function knownSetUp(
  ledger: Ledger,
  { id, file }: MigrationRow,
): Promise<{ providers: KnownProvider[]; clients: KnownClient[] }> {
  const pool = await ledger.read((db) => readConfiguration(db, id, "pool"));
  if (pool.length === 0)
    throw new UsageError(
      `No run has read the set-up of the pool ${file.source.userPoolId} yet: that is its first phase; try again in a while.`,
    );
  return {
    providers: await ledger.read((db) => readConfiguration<KnownProvider>(db, id, "provider")),
    clients: await ledger.read((db) => readConfiguration<KnownClient>(db, id, "client")),
  };
}
