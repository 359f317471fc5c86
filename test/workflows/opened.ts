import type { BeforeApproval, Opened, PhaseTotals } from "../../src/domain/contract.ts";

export const TOTALS: PhaseTotals = { done: 0, failed: 0, skipped: 0, of: 0 };

/** Nobody comes first, and nobody was mailed before. */
export const NOBODY_FIRST: BeforeApproval = { first: [], isLater: false, cannotKnow: null };

export const RUN: Opened["run"] = {
  ledgerId: "a-ledger",
  destinationKind: "workos",
  environment: "client_1",
  migrationId: 1,
  generation: 1,
  firstRunId: "run",
};

export const OPENED: Opened = {
  status: "opened",
  run: RUN,
  dryRun: false,
  isPilot: false,
  sendsResets: true,
  batchSize: 10,
  pace: {
    writesPerSecond: 10,
    readsPerSecond: 10,
    callsPerSecond: 10,
    pagesPerSecond: 10,
    resetsPerSecond: 10,
  },
  searchAttributes: ["MigrationPhase", "MigrationState", "UsersImported", "UsersFailed", "PercentDone"],
  temporalAddress: "127.0.0.1:7233",
};
