import type { Sender } from "../../destinations/sending.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { CallKind } from "../../domain/migration.ts";
import type { ClaimedItem } from "../../ledger/queue.ts";
import type { FinalOutcome } from "./settlement.ts";

/** What a phase sends, and how: the part of a batch that phases differ in. */
export interface Work<Record> {
  readonly sender: Sender<Record>;
  /** What is to be sent for each of the claimed items, in their order. */
  prepare(items: readonly ClaimedItem[]): Promise<readonly Prepared<Record>[]>;
  /**
   * Asked when the call of an item that `asksWhenDue` is due, and again where its answer is old by then: why it is not sent;
   * null where it is. An answer may take as long as it likes, and nobody needs it once the signal aborts.
   */
  stillWanted?(item: ClaimedItem, signal: AbortSignal): Promise<FinalOutcome | null>;
  /**
   * For calls that nobody may repeat: claimed when its call is due and not before, and on disk before it. A lane goes on
   * when the outcome is on disk.
   */
  readonly claimsSingly?: boolean;
  /** Items need those before them: one whose doubt needs time holds up whatever follows. */
  readonly inOrder?: boolean;
  /** Why the run parks when more than a fifth of the last outcomes ended with this code; too many failures unless given. */
  readonly tooMany?: (code: string, count: number, of: number) => Blocked;
  /** Slots that a call that may take effect needs; the destination's own unless given. */
  readonly writeKinds?: readonly CallKind[];
  /** A call, with what the sender does until its next one, takes no longer; the destination's limit unless given. */
  readonly callTimeoutMs?: number;
}

export type Prepared<Record> =
  | {
      record: Record;
      /** Tells later whether what was sent is still what would be sent. */
      fingerprint: string;
      /** It may be there without any call of ours: looked up before anything is sent. */
      mayExist?: boolean;
      /** Whether it is wanted shows only when its call is due. */
      asksWhenDue?: boolean;
    }
  /** Nothing is to be sent. */
  | { outcome: FinalOutcome };

/** A claimed item on its way through a batch. */
export interface Entry<Record> {
  readonly claimed: ClaimedItem;
  readonly record: Record;
  readonly fingerprint: string;
  readonly mayExist: boolean;
  /** A call of ours may have taken effect, and no clear answer is known. */
  inDoubt: boolean;
  /** The last call that may have taken effect was over by then, by the ledger's clock; the claim before there was one. */
  lastTriedAtMs: number;
  /** It was wanted at this instant, or later; infinity where nobody asks. */
  wantedAtMs: number;
  /** Answers that could not be understood. */
  unclear: number;
  /** The claim held at this instant, or later. */
  trustedAtMs: number;
}
