import type { FirstMail } from "../domain/contract.ts";
import type { Finding } from "../domain/findings.ts";
import { readCursor } from "../ledger/cursors.ts";
import { readFindings } from "../ledger/findings.ts";
import { firstMails } from "../ledger/first-mails.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PhaseCounts } from "../ledger/phase-counts.ts";
import type { ProviderCheck } from "../ledger/providers.ts";
import { type SettledTimes, settledTimes } from "../ledger/queue-endings.ts";
import { type MigrationRow, type RunOfMigration, runOf } from "../ledger/runs.ts";
import type { LeftBehindCount } from "./left-behind-tally.ts";
import { modeOf, type ReportMode } from "./mode.ts";
import { countObjects } from "./object-counts.ts";
import type { ProviderStanding } from "./providers.ts";
import type { ResetCounts } from "./reset-tally.ts";
import { type Result, resultOf } from "./result.ts";
import type { Counts } from "./tally.ts";

/** What summary.json holds. Times are ISO 8601, null while unknown. */
export interface Summary extends Counts {
  mode: ReportMode;
  result: Result;
  /** How far the newest run has read the pool: whoever is not listed yet is in no other count either. */
  snapshot: SnapshotState;
  pool: string;
  region: string;
  destination: string;
  /** Of the destination, as its vendor names it. */
  environment: string;
  /** Counts the runs of this migration. */
  generation: number;
  /** When personal data was purged from the ledger, which no run has read again since; null else. */
  purgedAt: string | null;
  firstOutcomeAt: string | null;
  lastOutcomeAt: string | null;
  writtenAt: string;
  /** Of imported and merged people; most frequent first. */
  attributesLeftBehind: LeftBehindCount[];
  /** Of the newest plan, as those that follow. */
  memberships: PhaseCounts;
  organizations: PhaseCounts;
  roles: PhaseCounts;
  applications: PhaseCounts;
  /** People by how their reset mail ended. */
  resets: ResetCounts;
  /** Where the destination did not hold what was written when it was looked at last. */
  differences: number;
  /** Those who are mailed before an approval; empty before the campaign begins, or without any. */
  firstMails: FirstMail[];
  providers: ProviderState[];
  findings: Finding[];
}

export const SNAPSHOT_STATES = ["not_begun", "under_way", "complete"] as const;
export type SnapshotState = (typeof SNAPSHOT_STATES)[number];

export interface ProviderState extends Pick<ProviderCheck, "name" | "state" | "fault" | "reason"> {
  type: string;
  /** An earlier run was told so, and this one goes by it. */
  sinceEarlierRun: boolean;
}

export interface Written {
  counts: Counts;
  memberships: PhaseCounts;
  attributesLeftBehind: LeftBehindCount[];
  providers: readonly ProviderStanding[];
  resets: ResetCounts;
  differences: number;
}

/** `written` is what the report's other files were made of. */
export async function summarize(ledger: Ledger, migration: MigrationRow, written: Written): Promise<Summary> {
  const { id, file } = migration;
  const run = runOf(migration);
  const findings = await ledger.read((db) => readFindings(db, id));
  const times = await ledger.read((db) => settledTimes(db, run, "users"));
  const { organization, role, application } = await countObjects(ledger, run);
  const mode = modeOf(migration);
  return {
    mode,
    result: await resultOf(ledger, run, mode, written.differences),
    pool: file.source.userPoolId,
    region: file.source.region,
    destination: migration.destinationKind,
    environment: migration.environment,
    generation: migration.generation,
    purgedAt: purgedAtOf(migration),
    ...isoTimes(times),
    writtenAt: new Date().toISOString(),
    snapshot: await snapshotOf(ledger, run),
    ...written.counts,
    attributesLeftBehind: written.attributesLeftBehind,
    memberships: written.memberships,
    organizations: organization,
    roles: role,
    applications: application,
    resets: written.resets,
    differences: written.differences,
    firstMails: await firstMailsOf(ledger, migration),
    providers: written.providers.map(providerState),
    findings,
  };
}

/** How far the newest run has read the pool. */
export async function snapshotOf(ledger: Ledger, run: RunOfMigration): Promise<SnapshotState> {
  const { done, counters } = await readCursor(ledger, { ...run, name: "snapshot" });
  if (done) return "complete";
  return (counters.users ?? 0) === 0 ? "not_begun" : "under_way";
}

async function firstMailsOf(ledger: Ledger, migration: MigrationRow): Promise<FirstMail[]> {
  const run = runOf(migration);
  const { position, counters } = await readCursor(ledger, { ...run, name: "resets" });
  if (position === null) return [];
  const { passwordResets } = migration.file;
  return ledger.read((db) => firstMails(db, run, passwordResets, counters));
}

function providerState({ provider, check }: ProviderStanding): ProviderState {
  const { name, state, fault, reason } = check;
  return { name, type: provider.type, state, fault, reason, sinceEarlierRun: check.earlier === 1 };
}

function purgedAtOf({ purge }: MigrationRow): string | null {
  return purge === null || purge.isReadAnew || purge.purgedAtMs === null
    ? null
    : new Date(purge.purgedAtMs).toISOString();
}

function isoTimes({ firstMs, lastMs }: SettledTimes) {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return { firstOutcomeAt: iso(firstMs), lastOutcomeAt: iso(lastMs) };
}
