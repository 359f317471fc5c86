import type { PlacedKind } from "../domain/books.ts";
import { PHASE_OF_KIND } from "../domain/phase-of-kind.ts";
import { noteWhatMayBe, type UnheardItem } from "./closed-doubts.ts";
import { readCursor } from "./cursors.ts";
import { isOneOf } from "./dialect.ts";
import type { Db, Ledger, Tx } from "./ledger.ts";
import { isPurgedPerson } from "./personal-data.ts";
import { countMoves } from "./phase-counts.ts";
import { noteRemoved, noteSeen, type Placed, placedAfter, placedAmong } from "./placed.ts";
import { plannedAmong } from "./planned-objects.ts";
import { itemsOf } from "./queue-questions.ts";
import type { RunOfMigration } from "./runs.ts";

/** What the verify phase asks and tells beside the book of what stands. */

/** The walk that ends when everything is compared. */
export const VERIFICATION = "verify:ended";

/** Whether this run has compared everything. */
export async function hasVerified(ledger: Ledger, run: RunOfMigration): Promise<boolean> {
  return (await readCursor(ledger, { ...run, name: VERIFICATION })).done;
}

/** The walks of a verification begin anew; no attempt of the one before moves them any more. */
export async function forgetVerification(tx: Tx, migrationId: number): Promise<void> {
  await tx
    .deleteFrom("cursors")
    .where("migration_id", "=", migrationId)
    .where((eb) => eb.or([eb("name", "=", "verify"), eb("name", "like", "verify:%")]))
    .execute();
}

/** Of one kind after the given key: what this run has seen counts as not seen. Returns the last key; null at the end. */
export async function unseeAfter(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  kind: PlacedKind,
  after: string,
  limit: number,
): Promise<string | null> {
  const placed = await placedAfter(tx, migrationId, kind, after, limit);
  const last = placed.at(-1)?.key;
  if (last === undefined) return null;
  await tx
    .updateTable("placed")
    .set({ seen_generation: null })
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where("key", ">", after)
    .where("key", "<=", last)
    .where("seen_generation", "=", generation)
    .execute();
  return last;
}

/** These were found. What was taken for removed, and is planned, counts as done again. */
export async function markSeen(
  tx: Tx,
  run: RunOfMigration,
  kind: PlacedKind,
  keys: readonly string[],
): Promise<void> {
  const again = await noteSeen(tx, run, kind, keys);
  const items = await countPlanned(tx, run, kind, again);
  await countMoves(tx, run, PHASE_OF_KIND[kind], [{ from: "skipped", to: "done", items }]);
}

/** It is gone: what is planned counts as skipped. */
export async function markRemoved(tx: Tx, run: RunOfMigration, kind: PlacedKind, key: string): Promise<void> {
  if (!(await noteRemoved(tx, run.migrationId, kind, key))) return;
  const items = await countPlanned(tx, run, kind, [key]);
  await countMoves(tx, run, PHASE_OF_KIND[kind], [{ from: "done", to: "skipped", items }]);
}

/**
 * It is gone, and maybe by a removal of this run of which nobody heard what became of it: then it is in doubt from now on, as
 * if the next run had begun, which may make it again. False where somebody else has removed it.
 */
export async function doubtOwnRemoval(
  tx: Tx,
  run: RunOfMigration,
  kind: PlacedKind,
  key: string,
): Promise<boolean> {
  const unheard = await unheardAmong(tx, run, kind, [key]);
  if (unheard.length === 0) return false;
  await noteWhatMayBe(tx, run.migrationId, unheard);
  const placed = await placedAmong(tx, run.migrationId, kind, [key]);
  return placed.get(key)?.state === "in_doubt";
}

/** Of these: which of them the run may be removing, or making anew, without having heard what became of it. */
export function unheardAmong(
  db: Db,
  run: RunOfMigration,
  kind: PlacedKind,
  keys: readonly string[],
): Promise<UnheardItem[]> {
  return itemsOf(db, run, PHASE_OF_KIND[kind])
    .select(["generation", "kind", "key", "intent", "state", "in_doubt", "first_claimed_at_ms"])
    .where(isOneOf(db, "key", keys))
    .where("kind", "=", kind)
    .where("intent", "in", ["remove", "update"])
    .where((eb) => eb.or([eb("state", "=", "sending"), eb("in_doubt", "=", 1)]))
    .execute();
}

async function countPlanned(
  tx: Tx,
  run: RunOfMigration,
  kind: PlacedKind,
  keys: readonly string[],
): Promise<number> {
  if (keys.length === 0) return 0;
  if (kind !== "user") return (await plannedAmong(tx, run, kind, keys)).size;
  const rows = await tx
    .selectFrom("plan")
    .select("sub")
    .where("migration_id", "=", run.migrationId)
    .where("generation", "=", run.generation)
    .where("action", "=", "create")
    .where(isOneOf(tx, "sub", keys))
    .execute();
  return rows.length;
}

/** Somebody of this migration, and what stands of them by the ledger. */
export interface WrittenUser {
  sub: string;
  placed: Placed | undefined;
  /** False for somebody whom the run's walk of the pool did not list any more. */
  isListed: boolean;
  /** JSON object of the source attributes. */
  attributes: string;
  /** What was known of them was purged, and no walk has read it again. */
  isPurged?: boolean;
}

/** Those of these subs that this migration knows. */
export async function writtenAmong(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  subs: readonly string[],
): Promise<WrittenUser[]> {
  if (subs.length === 0) return [];
  const rows = await db
    .selectFrom("source_users")
    .select(["sub", "username", "attributes", "generation"])
    .where("migration_id", "=", migrationId)
    .where(isOneOf(db, "sub", subs))
    .execute();
  const placed = await placedAmong(db, migrationId, "user", subs);
  return rows.map(({ sub, attributes, generation: lastListed, ...row }) => ({
    sub,
    attributes,
    isPurged: isPurgedPerson(row),
    isListed: lastListed === generation,
    placed: placed.get(sub),
  }));
}

/** A membership that stands by the ledger, or stood. */
export interface WrittenMembership {
  key: string;
  /** As written; null where nothing was. */
  fingerprint: string | null;
  /** JSON of what the destination answered when it was written; null without. */
  details: string | null;
  /** True if the verify phase of this generation has seen it at the destination. */
  isSeen: boolean;
}

/** Those of these keys that stand, or stood, by the ledger. */
export async function writtenMemberships(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  keys: readonly string[],
): Promise<WrittenMembership[]> {
  if (keys.length === 0) return [];
  const placed = await placedAmong(db, migrationId, "membership", keys);
  return [...placed.values()].flatMap(({ key, state, fingerprint, details, seenGeneration }) =>
    state === "in_doubt" ? [] : [{ key, fingerprint, details, isSeen: seenGeneration === generation }],
  );
}
