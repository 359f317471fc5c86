import { type KindOfRun, type Phase, phasesOf } from "../domain/phases.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { liveTotals } from "../ledger/live-totals.ts";
import { type MigrationRow, migrationsOfPool, runOf } from "../ledger/runs.ts";
import type { Totals } from "./progress-rows.ts";

/** What the ledger has of a pool's migration. */
export interface Live {
  totals: Totals;
  /** Of the ledger here; null without one. */
  ledgerId: string | null;
  /** Whose counts they are, at work or not; null where nobody knows. */
  run: { firstRunId: string; phases: readonly Phase[] } | null;
}

const NO_LEDGER: Live = { totals: {}, ledgerId: null, run: null };

/** What is known of the run whose counts are asked for; nulls before it was heard. */
export interface KnownOfRun {
  firstRunId: string | null;
  environment: string | null;
}

/**
 * Reads the live counts of a pool's migration from the ledger, or nothing where it cannot tell: before the run has
 * opened it, or with several environments and none known. `here` is the one that the settings name.
 */
export function liveCounts(
  ledger: Ledger,
  poolId: string,
  here: string | null,
): (run: KnownOfRun) => Promise<Live> {
  return (run) =>
    ledger.read(async (db) => {
      const migration = rowOf(await migrationsOfPool(db, poolId), run, here);
      if (migration === undefined) return { ...NO_LEDGER, ledgerId: ledger.id };
      const totals = await liveTotals(db, runOf(migration));
      return { totals, ledgerId: ledger.id, run: runIn(migration) };
    });
}

/** The pool may have gone to several environments: the run's own row, whichever settings are here. */
function rowOf(
  all: readonly MigrationRow[],
  { firstRunId, environment }: KnownOfRun,
  here: string | null,
): MigrationRow | undefined {
  const own = all.find(({ newestRunId }) => newestRunId !== null && newestRunId === firstRunId);
  if (own !== undefined) return own;
  const named = environment ?? here;
  const [one, ...others] = named === null ? all : all.filter((row) => row.environment === named);
  return others.length === 0 ? one : undefined;
}

export const noLiveCounts = (): Promise<Live> => Promise.resolve(NO_LEDGER);

function runIn(migration: MigrationRow): Live["run"] {
  const { newestRunId } = migration;
  return newestRunId === null ? null : { firstRunId: newestRunId, phases: phasesOf(kindOf(migration)) };
}

function kindOf({ file, undo, ownerMode }: MigrationRow): KindOfRun {
  const { dryRun, only, passwordResets } = file;
  const sendsResets = passwordResets.send;
  const mode = ownerMode ?? (undo === null ? null : "undo");
  if (mode !== null) return { mode, dryRun: false, isPilot: false, sendsResets };
  return { dryRun, isPilot: only !== undefined, sendsResets };
}
