import type { Generated } from "kysely";
import type { PlacedHow, PlacedKind, PlacedState, WorkIntent } from "../domain/books.ts";
import type { Action, WorkItemState } from "../domain/outcomes.ts";
import type { ItemPhase } from "../domain/phases.ts";
import type { GateState } from "../plan/way-in.ts";
import type { Bit } from "./dialect.ts";
import type { DifferenceKind } from "./differences.ts";
import type {
  BridgeLimitTable,
  BridgeMoveTable,
  EventPositionTable,
  LookTable,
  MailTable,
  ResetLinkTable,
  UnsentLinkTable,
} from "./sign-in-schema.ts";

/**
 * The ledger's tables, the same on SQLite and PostgreSQL. Truth values are 0 and 1, instants are epoch
 * milliseconds, objects are JSON texts: types that both databases keep alike. A generation is a run: rows of the books
 * `source` and `plan` carry the one that wrote them last.
 */
export interface Database {
  ledger_identity: { id: string };
  migrations: MigrationTable;
  source_users: SourceUserTable;
  identities: { migration_id: number; provider: string; user_id: string; sub: string };
  group_members: { migration_id: number; group_name: string; sub: string; generation: number };
  configuration: { migration_id: number; kind: string; name: string; generation: number; data: string };
  plan: PlanTable;
  planned_objects: PlannedObjectTable;
  placed: PlacedTable;
  taken_back: TakenBackTable;
  differences: DifferenceTable;
  work_items: WorkItemTable;
  phase_counts: PhaseCountTable;
  mails: MailTable;
  looks: LookTable;
  cursors: CursorTable;
  pace: PaceTable;
  call_leases: CallLeaseTable;
  findings: FindingTable;
  activity_failures: ActivityFailureTable;
  provider_checks: ProviderCheckTable;
  gate_answers: GateAnswerTable;
  approved_mails: ApprovedMailsTable;
  /** To whom the bridge gave an account, with the address it was given for. */
  bridge_accounts: { migration_id: number; sub: string; email: string };
  bridge_moves: BridgeMoveTable;
  bridge_proofs: { migration_id: number; sub: string; proven_at_ms: number };
  completed_resets: { migration_id: number; destination_id: string; completed_at_ms: number };
  reset_links: ResetLinkTable;
  unsent_links: UnsentLinkTable;
  event_positions: EventPositionTable;
  bridge_limits: BridgeLimitTable;
}

/** Runs that keep plan and queue of the one before. */
export type FollowingMode = "verify" | "redrive";

export interface MigrationTable {
  id: Generated<number>;
  pool_id: string;
  region: string;
  destination_kind: string;
  environment: string;
  /** The parsed migration file of the newest run. */
  file: string;
  /** That of the newest run that is no dry one; null before there is one. */
  file_in_force: string | null;
  /** The run with which the file in force began to select people as it does. */
  selecting_since: number | null;
  /** The newest one whose snapshot is whole; 0 before there is one. */
  listed_generation: Generated<number>;
  account_id: string | null;
  owner_namespace: string | null;
  owner_workflow_id: string | null;
  /** The first execution run id: it stays through continue-as-new. */
  owner_run_id: string | null;
  /** The newest owner, at work or not; null for one of before this was kept. */
  newest_run_id: string | null;
  /** Where that one goes by what the run before left, which kind of run it is. */
  owner_mode: FollowingMode | null;
  /** Counts the runs. */
  generation: number;
  /** What the newest run was asked for, as JSON, where it is an undo; null for a migration. */
  undo: string | null;
  /** The newest run that was an undo; 0 where none was. */
  undone_generation: Generated<number>;
  /** The newest run; null for one of before this was kept. */
  begun_at_ms: number | null;
  /** The newest purge of personal data; null where there was none. */
  purge_begun_at_ms: number | null;
  /** Null as long as that purge has not ended. */
  purged_at_ms: number | null;
  /** The newest run when that purge began. */
  purged_generation: number | null;
  /** 1 once who became which account is to go as well. */
  id_map_purged: Generated<Bit>;
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

/** The decision for a user. */
export interface PlanTable {
  migration_id: number;
  sub: string;
  action: Action;
  reason: string | null;
  merge_into: string | null;
  /** Of the record that is to stand; null for whoever gets no account of their own. */
  fingerprint: string | null;
  /** The newest run, dry ones aside, that selected them; null where it did not. */
  selected_generation: number | null;
  generation: number;
}

/** What is to stand at the destination beside people. */
export interface PlannedObjectTable {
  migration_id: number;
  kind: PlacedKind;
  key: string;
  /** The phase that makes it. */
  phase: ItemPhase;
  /** What it is to be, as a JSON object without secrets. */
  data: string;
  fingerprint: string;
  generation: number;
}

/** What stands at the destination as far as anybody knows; kept for ever. */
export interface PlacedTable {
  migration_id: number;
  kind: PlacedKind;
  /** A user's sub, or the key of a planned object. */
  key: string;
  state: PlacedState;
  /** Null as long as nobody knows whether it stands. */
  destination_id: string | null;
  how: PlacedHow | null;
  /** Of each field as last confirmed written; null where nothing was written. */
  fingerprint: string | null;
  /** What the destination answered beside the id, as a JSON object without secrets. */
  details: string | null;
  first_claimed_at_ms: number;
  written_at_ms: number | null;
  /** The newest run whose verify phase saw it. */
  seen_generation: number | null;
  /** How it looked before it was adopted, as a JSON object. */
  before_image: string | null;
  /** Of what is in doubt because it was being removed: what it was called while it stood. */
  doubted_id: string | null;
  /** Since when: what was noted before is of that account, what is noted since of the one that stands, whichever it is. */
  doubted_at_ms: number | null;
}

/** What stood by our doing, and was removed by our doing; kept for ever, whatever stands in its place. */
export interface TakenBackTable {
  migration_id: number;
  kind: PlacedKind;
  key: string;
  destination_id: string | null;
  at_ms: number;
}

/** Where the destination did not hold what was written, when it was looked at last. */
export interface DifferenceTable {
  migration_id: number;
  kind: PlacedKind;
  key: string;
  difference: DifferenceKind;
  /** Empty where the whole thing is meant. */
  field: string;
  generation: number;
}

/** The queue of one run. */
export interface WorkItemTable {
  migration_id: number;
  generation: number;
  phase: string;
  ordinal: number;
  kind: PlacedKind;
  key: string;
  intent: WorkIntent;
  state: WorkItemState;
  fence: number;
  attempts: number;
  /** 1 when an earlier try may have taken effect. */
  in_doubt: Bit;
  /** How often it was put off in this run; nobody tries it before it is due again. */
  put_off: Generated<number>;
  due_at_ms: number | null;
  first_claimed_at_ms: number | null;
  settled_at_ms: number | null;
  code: string | null;
  /** The vendor's words: may hold personal data, and stays here. */
  message: string | null;
}

export interface PhaseCountTable {
  migration_id: number;
  generation: number;
  phase: string;
  state: WorkItemState;
  items: number;
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
  /** What the last reservation was given, for its own answer: SQLite returns columns alone. */
  granted: Generated<number>;
  granted_from_ms: Generated<number>;
  /** Calls that went out without a slot and are not made up for yet, as of `next_at_ms`. */
  owed: Generated<number>;
}

/** A call that a destination bears in flight, and who may make it. */
export interface CallLeaseTable {
  /** `<kind>/<environment>/<sender>`. */
  key: string;
  slot: number;
  /** One attempt of one batch. */
  holder: string;
  /** Free from then on. */
  until_ms: number;
  /** Until then somebody else goes short. */
  wanted_until_ms: number;
}

export interface FindingTable {
  migration_id: number;
  generation: number;
  phase: string;
  /** One thing may have several problems of a kind: each is a row. */
  ordinal: number;
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

/** Where an identity provider stands at the gate. */
export interface ProviderCheckTable {
  migration_id: number;
  name: string;
  /** `open`: a pilot did not need it, and the run of everyone waits for it. */
  state: GateState;
  /** What the last look at it found wrong. */
  fault: string | null;
  found: string | null;
  /** Who goes on without it says why. */
  reason: string | null;
  /** 1 where a person told it an earlier run. */
  earlier: Bit;
}

/** The newest reset campaign of a migration that goes by an approval. */
export interface ApprovedMailsTable {
  migration_id: number;
  /** A hash of whom the file selects, and of how it mails them. */
  settings: string;
  /** How many the approval was asked about. */
  people: number;
  /** Which question of the run it answers, from 0 on: one for each sender. */
  asking: number;
  /** 0 while the first mails go out, and as long as nobody has answered. */
  approved: Bit;
  /** Of the run that mails, or has mailed, by it, or asks. */
  generation: number;
  /** That run's first execution: a redrive has a campaign of its own. Null where an earlier version noted it. */
  run_id: string | null;
  /** The ledger's, by which a restored one is told. Null as well there. */
  incarnation: string | null;
  /** 1 once nobody of that campaign is left. */
  ended: Bit;
}

/** What a person told the gate of an identity provider. */
export interface GateAnswerTable {
  migration_id: number;
  name: string;
  state: "skipped" | "verified";
  reason: string;
  /** Of the provider as Cognito had it then. */
  configured: string;
  /** What stood against it then. */
  fault: string | null;
  found: string | null;
  /** The run that was told. */
  generation: number;
}
