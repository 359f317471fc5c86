import type { ImportOutcome } from "../../destinations/destination.ts";
import type { Attempt } from "../../destinations/sending.ts";
import type { ClaimedItem } from "../../ledger/work-items.ts";
import type { CallKind } from "../../migration.ts";

/** What a phase sends, and how: the part of a batch that phases differ in. */
export interface Work<Payload> {
  /** Calls in flight that one batch may have. */
  readonly concurrency: number;
  /** Claimed one by one, each when its call is due: for calls that nobody may repeat. */
  readonly claimsSingly?: boolean;
  /** Slots that a call that may take effect needs; the destination's writes unless given. */
  readonly kinds?: readonly CallKind[];
  /** One item makes no more calls than this before it has an outcome. */
  readonly maxCallsPerItem: number;
  /** What is to be sent for each of the claimed items, in their order. */
  prepare(items: readonly ClaimedItem[]): Promise<readonly Prepared<Payload>[]>;
  send(item: ClaimedItem & Prepared<Payload>, attempt: Attempt): Promise<Outcome>;
}

export interface Prepared<Payload> {
  payload: Payload;
  /** Tells later whether what was sent is still what would be sent. */
  recordHash: string;
}

export type Outcome =
  | ImportOutcome
  | { kind: "skipped"; reason: string }
  /** Had no effect, and the whole batch has to stop for this. */
  | { kind: "stopped"; error: Error };
