import { PLACED_KINDS, type PlacedKind } from "../domain/books.ts";
import { ownValue } from "../domain/own-value.ts";
import { PHASE_OF_KIND } from "../domain/phase-of-kind.ts";
import type { ItemPhase } from "../domain/phases.ts";
import { UNDO_REASONS } from "../domain/undo-words.ts";
import { readCursor } from "../ledger/cursors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type Placed, placedAfter } from "../ledger/placed.ts";
import { type EndedItem, itemsAfter } from "../ledger/queue-endings.ts";
import { itemsAmong, queuedAmong } from "../ledger/queue-questions.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { slicesAfter } from "../ledger/slices.ts";
import { membershipOf } from "../plan/keys.ts";
import { whyThere } from "../plan/undo-fate.ts";
import { writeCsv } from "./files.ts";

/** What became of each thing in an undo. Memberships that went with their accounts have no row. */

export const UNDO_OUTCOMES = ["removed", "restored", "kept", "failed", "open"] as const;
export type UndoOutcome = (typeof UNDO_OUTCOMES)[number];
export type UndoTally = Record<PlacedKind, Record<UndoOutcome, number>>;

/** How many things of a kind ended in this way for this reason. */
export interface UndoReason {
  kind: PlacedKind;
  outcome: UndoOutcome;
  reason: string;
  count: number;
}

export interface UndoCounted {
  byKind: UndoTally;
  /** By kind, the most frequent first. */
  reasons: UndoReason[];
}

/** The walk that numbers what is taken back. */
export const UNDO_PLAN = "plan";
const COLUMNS = ["kind", "key", "outcome", "reason", "explanation"];
/** Bounds memory and keeps every statement short. */
const SLICE = 1_000;
/** In the order in which an undo works them. */
const PHASES: readonly ItemPhase[] = ["memberships", "users", "credentials", "structure"];

interface Row {
  kind: PlacedKind;
  key: string;
  outcome: UndoOutcome;
  reason: string | null;
}

/** Writes them, and counts them by kind. */
export async function writeUndoCsv(
  path: string,
  ledger: Ledger,
  migration: MigrationRow,
): Promise<UndoCounted> {
  const none = () => ({ removed: 0, restored: 0, kept: 0, failed: 0, open: 0 });
  const tally = Object.fromEntries(PLACED_KINDS.map((kind) => [kind, none()])) as UndoTally;
  const reasons = new Map<string, UndoReason>();
  async function* cells() {
    for await (const { kind, key, outcome, reason } of rowsOf(ledger, migration)) {
      tally[kind][outcome] += 1;
      if (reason !== null) countReason(reasons, { kind, outcome, reason });
      yield [kind, key, outcome, reason, reason === null ? null : (ownValue(UNDO_REASONS, reason) ?? null)];
    }
  }
  await writeCsv(path, COLUMNS, cells());
  return { byKind: tally, reasons: [...reasons.values()].sort(byKindAndCount) };
}

function countReason(reasons: Map<string, UndoReason>, told: Omit<UndoReason, "count">): void {
  const key = `${told.kind} ${told.outcome} ${told.reason}`;
  const counted = reasons.get(key) ?? { ...told, count: 0 };
  counted.count += 1;
  reasons.set(key, counted);
}

function byKindAndCount(one: UndoReason, other: UndoReason): number {
  return PLACED_KINDS.indexOf(one.kind) - PLACED_KINDS.indexOf(other.kind) || other.count - one.count;
}

async function* rowsOf(ledger: Ledger, migration: MigrationRow): AsyncGenerator<Row> {
  const run = runOf(migration);
  for (const phase of PHASES) {
    const items = slicesAfter(
      0,
      ({ ordinal }: EndedItem) => ordinal,
      (after) => ledger.read((db) => itemsAfter(db, run, phase, after, SLICE)),
    );
    for await (const slice of items) yield* slice.map(rowOfItem);
  }
  const { done: isPlanned } = await readCursor(ledger, { ...run, name: UNDO_PLAN });
  for (const kind of PLACED_KINDS) yield* leftOf(ledger, migration, kind, isPlanned);
}

function rowOfItem({ kind, key, intent, state, code }: EndedItem): Row {
  if (state === "done")
    return { kind, key, outcome: intent === "restore" ? "restored" : "removed", reason: code };
  if (state === "skipped") return { kind, key, outcome: "kept", reason: code };
  return { kind, key, outcome: state === "failed" ? "failed" : "open", reason: code };
}

/** What stands, and is nothing that the undo takes back: before it is planned nobody knows that of anything. */
async function* leftOf(
  ledger: Ledger,
  migration: MigrationRow,
  kind: PlacedKind,
  isPlanned: boolean,
): AsyncGenerator<Row> {
  const run = runOf(migration);
  const slices = slicesAfter(
    "",
    ({ key }: Placed) => key,
    (after) => ledger.read((db) => placedAfter(db, migration.id, kind, after, SLICE)),
  );
  for await (const slice of slices) {
    const keys = slice.map(({ key }) => key);
    const queued = await ledger.read((db) => queuedAmong(db, run, PHASE_OF_KIND[kind], keys));
    const left = slice.filter(({ key, state }) => state !== "removed" && !queued.has(key));
    const goWithTheirs = kind === "membership" ? await withOpenAccounts(ledger, migration, left) : NOTHING;
    for (const { key, state, how } of left)
      yield isPlanned && !goWithTheirs.has(key)
        ? { kind, key, outcome: "kept", reason: whyLeft(kind, state, how) }
        : { kind, key, outcome: "open", reason: null };
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/** Memberships that go with their account, whose turn has not come. */
async function withOpenAccounts(
  ledger: Ledger,
  migration: MigrationRow,
  memberships: readonly Placed[],
): Promise<ReadonlySet<string>> {
  const own = memberships.filter(({ how }) => how === "created").map(({ key }) => key);
  const subs = [...new Set(own.map((key) => membershipOf(key).sub))];
  const accounts = await ledger.read((db) => itemsAmong(db, runOf(migration), "users", "user", subs));
  const isOpen = (sub: string) => ["pending", "sending"].includes(accounts.get(sub)?.state ?? "");
  return new Set(own.filter((key) => isOpen(membershipOf(key).sub)));
}

function whyLeft(kind: PlacedKind, state: Placed["state"], how: Placed["how"]): string {
  if (how === "already_there") return whyThere(state);
  if (how === "adopted") return "before_purged";
  return kind === "membership" ? "account_kept" : "no_removal";
}
