import { sql } from "kysely";
import type { MailDelivery, PlacedKind, WorkIntent } from "../domain/books.ts";
import type { Reason } from "../domain/outcomes.ts";
import type { ItemPhase } from "../domain/phases.ts";
import { listedRows } from "./dialect.ts";
import { sampleStatistics } from "./first-statistics.ts";
import type { Tx } from "./ledger.ts";
import { type CountedState, countMoves } from "./phase-counts.ts";
import type { Fact } from "./placed.ts";
import type { RunOfMigration } from "./runs.ts";

/**
 * The queue of one run, and every move that an item of it can make, here and in the files beside this one:
 *
 * - `addItems`: → pending
 * - `claim`: pending → sending; sending under an earlier fence → sending, in doubt
 * - `settle`: sending → done, failed, skipped; or back to pending, to be tried at once or later
 * - `reopenSome`: failed → pending
 * - `reopenItems`: failed or skipped → pending
 * - `takeUpOpen`: pending or sending → the same, of nobody
 * - `overtake`: pending or failed → done or skipped, by whoever made the thing in another way
 *
 * Each names the old state in its condition and counts what came back. What a move says about the destination goes into
 * `placed` or `mails` in the same transaction.
 */

/** A part of a run's phase: dense ordinals, both ends included. */
export interface WorkRange extends RunOfMigration {
  phase: ItemPhase;
  from: number;
  to: number;
  /** Items that were put off beyond this instant, by the ledger's clock, are none of its; all are where it is absent. */
  dueByMs?: number;
  /** Of resets: who mails those that are claimed, the destination where it is absent. */
  delivery?: MailDelivery;
}

/** What is to be done for something of which nobody knows that it stands. */
export interface NewItem {
  kind: PlacedKind;
  key: string;
  intent: WorkIntent;
  /** When an earlier run first tried it, without an answer that can be trusted; null for what was never tried. */
  doubtSinceMs: number | null;
}

export interface ClaimedItem {
  ordinal: number;
  kind: PlacedKind;
  key: string;
  intent: WorkIntent;
  inDoubt: boolean;
  firstClaimedAtMs: number;
  attempts: number;
  /** How often it was put off in this run. */
  putOff: number;
  /** JSON: a source user's attributes, or a planned object's data. Null for what the plan does not hold any more. */
  data: string | null;
}

/** The code of what was changed, but for fields that somebody else wrote there since; its message names these. */
export const CHANGED_THERE = "changed_there" satisfies Reason;

export interface Settlement {
  item: Pick<ClaimedItem, "ordinal" | "kind" | "key" | "intent" | "firstClaimedAtMs">;
  /** `pending` puts the item back. */
  state: CountedState;
  /** Of an item that is put back: nobody tries it before that. */
  putOffMs?: number;
  /** A call for it may have taken effect. */
  inDoubt: boolean;
  code: string | null;
  message: string | null;
  /** For what is done: what stands, or the mail that went out. */
  fact: Omit<Fact, "kind" | "key" | "firstClaimedAtMs"> | null;
  /** For what is done: it stands no more by our doing, or is not ours any more. */
  isRemoved?: true;
  /** Of somebody whose account was removed: no mail of theirs counts any more. */
  forgetsMail?: true;
}

/** Predicates of indexes, word for word: SQLite uses them for no other wording. */
export const IS_OPEN = sql<boolean>`state in ('pending', 'sending')`;
/** Leaves out what was put off beyond an instant, by the ledger's clock. */
export function isDue(dueByMs: number | undefined) {
  return dueByMs === undefined
    ? sql<boolean>`true`
    : sql<boolean>`(due_at_ms is null or due_at_ms <= ${dueByMs})`;
}

export const HAS_FAILED = sql<boolean>`state = 'failed'`;

const NEW_ITEM = {
  ordinal: "integer",
  kind: "text",
  key: "text",
  intent: "text",
  in_doubt: "integer",
  first_claimed_at_ms: "bigint",
};

/** Appends items with dense ordinals after `lastOrdinal`. */
export async function addItems(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  phase: ItemPhase,
  lastOrdinal: number,
  items: readonly NewItem[],
): Promise<void> {
  if (items.length === 0) return;
  const rows = items.map(({ kind, key, intent, doubtSinceMs }, index) => ({
    ordinal: lastOrdinal + 1 + index,
    kind,
    key,
    intent,
    in_doubt: doubtSinceMs === null ? 0 : 1,
    first_claimed_at_ms: doubtSinceMs,
  }));
  await sql`
    insert into work_items (migration_id, generation, phase, ordinal, kind, key, intent, state, fence, attempts,
      in_doubt, first_claimed_at_ms)
    select cast(${migrationId} as integer), cast(${generation} as integer), cast(${phase} as text), ordinal, kind, key,
      intent, 'pending', 0, 0, in_doubt, first_claimed_at_ms
    from ${listedRows(tx, NEW_ITEM, rows)}`.execute(tx);
  await countMoves(tx, { migrationId, generation }, phase, [
    { from: null, to: "pending", items: items.length },
  ]);
  const doubled = Math.floor(Math.log2(lastOrdinal + items.length)) > Math.floor(Math.log2(lastOrdinal));
  if (doubled) await sampleStatistics(tx, ["source_users", "placed", "work_items"]);
}
