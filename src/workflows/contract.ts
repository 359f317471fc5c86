/** What workflows and activities say to each other: ids, ranges, cursors and counts, never a person's data. */

/** Names the run's place in the ledger; every activity carries it. */
export interface RunRef {
  ledgerId: string;
  migrationId: number;
  generation: number;
}

/** Why a run stopped to wait for an operator. `code` is stable and explained in the documentation. */
export interface Blocked {
  status: "blocked";
  code: string;
  /** One sentence for the operator: what happened and what to do. Holds no personal data. */
  sentence: string;
  /** Failures with this code are tried again first when the operator resumes. */
  retries: string | null;
}

/** A walk (snapshot, plan, verify) did a share of its work. */
export interface WalkProgress {
  status: "more" | "complete";
  counters: Readonly<Record<string, number>>;
}

export interface BatchInput {
  run: RunRef;
  phase: "users";
  from: number;
  to: number;
  /** Failure codes that the operator accepted: they do not park the run any more. */
  acceptedFailures: readonly string[];
}

export interface PhaseTotals {
  done: number;
  failed: number;
  skipped: number;
  of: number;
}

export interface BatchComplete {
  status: "complete";
  /** Of the whole phase, as the ledger has them now. */
  totals: PhaseTotals;
}

export interface OpenWork {
  ranges: readonly { from: number; to: number }[];
  totals: PhaseTotals;
}

export interface Opened {
  status: "opened";
  run: RunRef;
  dryRun: boolean;
  /** Items per batch. */
  batchSize: number;
  /** The search attributes that this namespace has registered. */
  searchAttributes: readonly string[];
}
