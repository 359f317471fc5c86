import type { CallKind } from "../migration.ts";
import type { CredentialsSender } from "./credentials.ts";
import type { ResetSender } from "./resets.ts";
import type { StructureSender } from "./structure.ts";

/** One person as the destination is to hold them. `externalId` is Cognito's `sub`: the idempotency key. */
export interface UserRecord {
  externalId: string;
  /** Trimmed and lower-cased. */
  email: string;
  emailVerified: boolean;
  firstName: string | null;
  lastName: string | null;
  metadata: Readonly<Record<string, string>>;
}

/** What the destination holds, as far as Spillway compares it. */
export interface DestinationUser extends Omit<UserRecord, "externalId"> {
  id: string;
  externalId: string | null;
  createdAtMs: number;
}

/** One item of a batch, with what the ledger knows of earlier tries. */
export interface ImportRequest {
  record: UserRecord;
  /** When this item was first claimed, by the ledger's clock: this try's own claim if it is the first. */
  firstClaimedAtMs: number;
  /** True when an earlier try may have taken effect: look it up before anything is sent. */
  inDoubt: boolean;
  onExisting: "skip" | "adopt";
  /** Must have settled before an existing account is changed: keeps what stood there, so that undo can restore it. */
  beforeAdopt: (image: DestinationUser) => Promise<void>;
}

/** How one user ended, or why it has not ended yet. Vendor messages may hold personal data: ledger only. */
export type ImportOutcome =
  | { kind: "created" | "already_there" | "adopted"; destinationId: string }
  | { kind: "skipped"; reason: "exists_at_destination" | "exists_unverified" | "external_id_taken" }
  /** The destination refused this user; `code` is a stable word, `message` the vendor's own. */
  | { kind: "rejected"; code: string; message: string }
  /** Sent, and no answer that could be understood: the ledger keeps it in doubt, to be looked up. */
  | { kind: "unknown"; code: string; message: string; retryAfterMs: number }
  /** Throttled: had no effect. */
  | { kind: "slow_down"; retryAfterMs: number }
  /** The credentials do not work (any more): had no effect. */
  | { kind: "access_lost"; code: string };

/** Waits for one slot of the pace of every kind named, then lets exactly one call go. Rejects when the batch stops. */
export type WaitForSlot = (kinds: readonly CallKind[]) => Promise<void>;

/** Answers of the calls that are not about one user. */
export type Answer<T> =
  | { ok: true; value: T }
  | { ok: false; problem: "slow_down"; retryAfterMs: number }
  | { ok: false; problem: "access_lost"; code: string }
  | { ok: false; problem: "unavailable"; code: string };

export interface UserPage {
  users: DestinationUser[];
  /** Where the next page starts; null at the end. */
  nextCursor: string | null;
}

/** A value that the destination would refuse, and whose attribute it is. */
export interface RecordProblem {
  attribute: string;
  /** What is wrong, without the value, for example "longer than 600 characters". */
  problem: string;
}

/**
 * One destination: states what it can do, translates its vendor's errors at its own edge, and never retries:
 * the fan-out decides about that.
 */
export interface Destination {
  readonly kind: string;
  /** Which environment this is, for the ledger's identity of a migration (WorkOS: the client id). */
  readonly environment: string;
  /** True if the destination itself de-duplicates a repeated create (by `externalId`). */
  readonly deduplicatesCreate: boolean;
  /** Calls in flight that one batch may have. */
  readonly concurrency: number;
  /** No single call lasts longer. */
  readonly callTimeoutMs: number;
  /** The kinds of slot that a call that may take effect needs; the fan-out takes one for each item before it claims. */
  readonly writeKinds: readonly CallKind[];
  /** Kinds that any other call needs. */
  readonly readKinds: readonly CallKind[];
  readonly structure: StructureSender;
  readonly credentials: CredentialsSender;
  readonly resets: ResetSender;

  /** One cheap call that proves address and key. */
  checkAccess(): Promise<Answer<null>>;
  /** Refused mapping targets (too many pairs, keys too long), before any user is looked at. */
  mappingProblems(metadataKeys: readonly string[]): string[];
  /** True if the destination would refuse this address. */
  refusesEmail(email: string): boolean;
  /** What the destination would refuse in this record. */
  recordProblems(record: UserRecord): RecordProblem[];
  /**
   * Brings one user to the destination, looking it up whenever an answer leaves doubt. `waitForSlot` is called before
   * every call, with `writeKinds` before one that may take effect.
   */
  importUser(request: ImportRequest, waitForSlot: WaitForSlot, signal: AbortSignal): Promise<ImportOutcome>;
  listUsers(cursor: string | null): Promise<Answer<UserPage>>;
  /** By our key; null when it is not there. */
  findUser(externalId: string): Promise<Answer<DestinationUser | null>>;
}
