import type { Generated } from "kysely";
import type { Action, WorkItemState } from "../migration.ts";

/**
 * The ledger's tables, the same on SQLite and PostgreSQL. Truth values are 0 and 1, instants are epoch
 * milliseconds, objects are JSON texts: types that both databases keep alike.
 */
export interface Database {
  ledger_identity: { id: string };
  migrations: MigrationTable;
  source_users: SourceUserTable;
  identities: { migration_id: number; provider: string; user_id: string; sub: string };
  group_members: { migration_id: number; group_name: string; sub: string };
  plan: PlanTable;
  work_items: WorkItemTable;
  phase_counts: { migration_id: number; phase: string; state: WorkItemState; items: number };
  cursors: CursorTable;
  pace: PaceTable;
  findings: FindingTable;
  before_images: { migration_id: number; sub: string; destination_id: string; image: string };
  activity_failures: ActivityFailureTable;
  configuration: { migration_id: number; kind: string; name: string; generation: number; data: string };
  entities: EntityTable;
  memberships: MembershipTable;
  provider_checks: ProviderCheckTable;
  applications: ApplicationTable;
  bridge_moves: BridgeMoveTable;
  asked_resets: AskedResetTable;
  completed_resets: { migration_id: number; destination_id: string; completed_at_ms: number };
  event_positions: EventPositionTable;
}

type Bit = 0 | 1;

export interface MigrationTable {
  id: Generated<number>;
  pool_id: string;
  region: string;
  destination_kind: string;
  environment: string;
  /** The parsed migration file of the newest run. */
  file: string;
  account_id: string | null;
  owner_namespace: string | null;
  owner_workflow_id: string | null;
  /** The first execution run id: it stays through continue-as-new. */
  owner_run_id: string | null;
  /** Counts the runs: rows of the snapshot carry the run that saw them last. */
  generation: number;
}

export interface SourceUserTable {
  migration_id: number;
  sub: string;
  username: string;
  attributes: string;
  status: string;
  enabled: Bit;
  native: Bit;
  /** Normalised; null without one. */
  email: string | null;
  email_verified: Bit;
  /** The normalised e-mail, else `sub:<sub>`; a linked row takes the key of the row it belongs to. */
  cluster_key: string;
  created_at_ms: number;
  modified_at_ms: number;
  identities_broken: Bit;
  generation: number;
}

export interface PlanTable {
  migration_id: number;
  sub: string;
  action: Action;
  reason: string | null;
  merge_into: string | null;
  generation: number;
}

export interface WorkItemTable {
  migration_id: number;
  phase: string;
  ordinal: number;
  /** What the item is about: a user's sub, or the key of an entity or a membership. Unique in its phase. */
  sub: string;
  state: WorkItemState;
  fence: number;
  attempts: number;
  /** 1 when an earlier try may have taken effect. */
  in_doubt: Bit;
  first_claimed_at_ms: number | null;
  settled_at_ms: number | null;
  code: string | null;
  /** The vendor's words: may hold personal data, and stays here. */
  message: string | null;
  /** How a done item ended: created, adopted, already_there. */
  how: string | null;
  destination_id: string | null;
  /** Of the record as last confirmed written. */
  record_hash: string | null;
  /** The generation whose verify phase saw it at the destination. */
  verified_generation: number | null;
}

export interface CursorTable {
  migration_id: number;
  name: string;
  generation: number;
  fence: number;
  /** Where to read on: a page token, a destination cursor or a key. */
  position: string | null;
  done: Bit;
  /** Counters of this walk as a JSON object of numbers. */
  counters: string;
}

export interface PaceTable {
  key: string;
  per_second: number;
  next_at_ms: number;
  blocked_until_ms: number;
}

export interface FindingTable {
  migration_id: number;
  generation: number;
  phase: string;
  severity: "info" | "warning" | "blocker";
  code: string;
  subject: string;
  sentence: string;
}

export interface ActivityFailureTable {
  migration_id: number;
  activity: string;
  signature: string;
  failures: number;
  /** The newest one, in full: may hold personal data, and stays here. */
  detail: string;
}

/** What is to stand at the destination beside people: the work of credentials and structure. */
export interface EntityTable {
  migration_id: number;
  phase: string;
  /** `<kind>:<name>`. */
  key: string;
  kind: string;
  /** What it is to be, as a JSON object without secrets. */
  data: string;
}

export interface MembershipTable {
  migration_id: number;
  /** `<sub> <organization>`. */
  key: string;
  sub: string;
  organization: string;
  /** Slugs as a JSON list, the most important first. */
  roles: string;
  generation: number;
}

/** Where an identity provider stands at the gate. */
export interface ProviderCheckTable {
  migration_id: number;
  name: string;
  state: "missing" | "verified" | "skipped" | "none";
  /** What the last look at it found wrong. */
  fault: string | null;
  found: string | null;
  /** Who skips it says why. */
  reason: string | null;
}

/** What an app client became. */
export interface ApplicationTable {
  migration_id: number;
  /** Cognito's. */
  client_id: string;
  destination_client_id: string;
  /** The destination's id of the secret that is in the store; null for a public client. */
  secret_id: string | null;
}

/** Somebody whose password the sign-in bridge brought over. */
export interface BridgeMoveTable {
  migration_id: number;
  sub: string;
  destination_id: string;
  /** When the account was given, or a password was last about to be set. */
  begun_at_ms: number;
  /** Tries of which nobody knows whether they set the password. */
  open_moves: Generated<number>;
  /** Null as long as no try is known to have set it. */
  moved_at_ms: number | null;
}

/** Somebody who asked the sign-in bridge for a reset mail. */
export interface AskedResetTable {
  migration_id: number;
  sub: string;
  /** The first time. */
  asked_at_ms: number;
  /** That went out, as far as is known, or are about to. */
  mails: Generated<number>;
}

/** How far the destination's events of one kind were copied. */
export interface EventPositionTable {
  migration_id: number;
  kind: string;
  event_id: string;
  at_ms: number;
}
