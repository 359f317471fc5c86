import { findMigrationInForce, isPurged, type MigrationRow } from "../ledger/runs.ts";
import type { BridgeDeps } from "./deps.ts";
import { type Outage, outage, UNDONE } from "./outcomes.ts";

type Served = { ok: true; migration: MigrationRow } | { ok: false; outcome: Outage };

/**
 * The migration whose people are brought over. Without what a walk of the pool told of people, nobody can say who is
 * disabled, and who is one person.
 */
export async function servedMigration({
  ledger,
  migration: identity,
}: Pick<BridgeDeps, "ledger" | "migration">): Promise<Served> {
  const migration = await ledger.read((db) => findMigrationInForce(db, identity));
  if (migration === undefined) return { ok: false, outcome: UNDONE };
  return isPurged(migration) ? { ok: false, outcome: outage("purged") } : { ok: true, migration };
}

/** What is told where the ledger let nothing begin: an undo or a purge began while somebody waited for their answer. */
export async function whyNotBegun(deps: Pick<BridgeDeps, "ledger" | "migration">): Promise<Outage> {
  const served = await servedMigration(deps);
  // Meanwhile a run has begun, or read the pool anew: whoever comes again is served.
  return served.ok ? outage("begun_anew") : served.outcome;
}
