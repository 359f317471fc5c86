import type { WorkItemState } from "../migration.ts";
import type { Db, Tx } from "./ledger.ts";
import { countMoves } from "./phase-counts.ts";

/** An import as the ledger has it, beside the source user it was made from. */
export interface WrittenUser {
  sub: string;
  ordinal: number;
  state: WorkItemState;
  settledAtMs: number | null;
  recordHash: string | null;
  /** JSON object of the source attributes. */
  attributes: string;
}

/** Those of these subs that this migration knows and has an item for. */
export async function writtenAmong(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<WrittenUser[]> {
  if (subs.length === 0) return [];
  return writtenUsers(db, migrationId).where("w.sub", "in", subs).execute();
}

/** Imported users after an ordinal that the verify phase of this generation has not seen at the destination. */
export async function unseenAfter(
  db: Db,
  migrationId: number,
  generation: number,
  afterOrdinal: number,
  limit: number,
): Promise<WrittenUser[]> {
  return writtenUsers(db, migrationId)
    .where("w.ordinal", ">", afterOrdinal)
    .where("w.state", "=", "done")
    .where((eb) =>
      eb.or([eb("w.verified_generation", "is", null), eb("w.verified_generation", "!=", generation)]),
    )
    .orderBy("w.ordinal")
    .limit(limit)
    .execute();
}

function writtenUsers(db: Db, migrationId: number) {
  return db
    .selectFrom("work_items as w")
    .innerJoin("source_users as u", (join) =>
      join.onRef("u.migration_id", "=", "w.migration_id").onRef("u.sub", "=", "w.sub"),
    )
    .select([
      "w.sub as sub",
      "w.ordinal as ordinal",
      "w.state as state",
      "w.settled_at_ms as settledAtMs",
      "w.record_hash as recordHash",
      "u.attributes as attributes",
    ])
    .where("w.migration_id", "=", migrationId)
    .where("w.phase", "=", "users");
}

export async function markSeen(
  tx: Tx,
  migrationId: number,
  generation: number,
  ordinals: readonly number[],
): Promise<void> {
  if (ordinals.length === 0) return;
  await tx
    .updateTable("work_items")
    .set({ verified_generation: generation })
    .where("migration_id", "=", migrationId)
    .where("phase", "=", "users")
    .where("ordinal", "in", ordinals)
    .execute();
}

/** Imported, and gone at the destination: never made again. */
export async function markRemoved(tx: Tx, migrationId: number, ordinal: number): Promise<void> {
  const changed = await tx
    .updateTable("work_items")
    .set({ state: "skipped", code: "removed_at_destination" })
    .where("migration_id", "=", migrationId)
    .where("phase", "=", "users")
    .where("ordinal", "=", ordinal)
    .where("state", "=", "done")
    .executeTakeFirst();
  if (changed.numUpdatedRows === 1n)
    await countMoves(tx, migrationId, "users", [{ from: "done", to: "skipped" }]);
}
