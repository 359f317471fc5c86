import type { Ledger } from "../ledger/ledger.ts";
import { liveTotals } from "../ledger/live-totals.ts";
import { migrationsOfPool, runOf } from "../ledger/runs.ts";
import type { Totals } from "./progress-rows.ts";

/**
 * Reads the live counts of a pool's migration from the ledger, or nothing where it cannot tell: before the run has
 * opened it, or with several destination environments and none named.
 */
export function liveCounts(
  ledger: Ledger,
  poolId: string,
  environment: string | null,
): () => Promise<Totals> {
  return () =>
    ledger.read(async (db) => {
      const all = await migrationsOfPool(db, poolId);
      const ours = environment === null ? all : all.filter((row) => row.environment === environment);
      const [migration, ...others] = ours;
      return migration === undefined || others.length > 0 ? {} : liveTotals(db, runOf(migration));
    });
}

export const noLiveCounts = (): Promise<Totals> => Promise.resolve({});
