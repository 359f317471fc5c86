import { type Finding, readFindings } from "../ledger/findings.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { type SettledTimes, settledTimes } from "../ledger/settled-times.ts";
import type { Counts } from "./tally.ts";

/** What summary.json holds. Times are ISO 8601, null while unknown. */
export interface Summary extends Counts {
  pool: string;
  region: string;
  destination: string;
  /** Of the destination; for WorkOS the client id. */
  environment: string;
  /** Counts the runs of this migration. */
  generation: number;
  firstOutcomeAt: string | null;
  lastOutcomeAt: string | null;
  writtenAt: string;
  findings: Finding[];
}

export async function summarize(ledger: Ledger, migration: MigrationRow, counts: Counts): Promise<Summary> {
  const findings = await ledger.read((db) => readFindings(db, migration.id));
  const times = await ledger.read((db) => settledTimes(db, migration.id));
  const { source } = migration.file;
  return {
    pool: source.userPoolId,
    region: source.region,
    destination: migration.destinationKind,
    environment: migration.environment,
    generation: migration.generation,
    ...isoTimes(times),
    writtenAt: new Date().toISOString(),
    ...counts,
    findings,
  };
}

function isoTimes({ firstMs, lastMs }: SettledTimes) {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return { firstOutcomeAt: iso(firstMs), lastOutcomeAt: iso(lastMs) };
}
