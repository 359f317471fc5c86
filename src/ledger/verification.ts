import type { WorkItemState } from "../migration.ts";
import type { ItemPhase } from "../phases.ts";
import { isOneOf } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { countMoves } from "./phase-counts.ts";

/** An import as the ledger has it, beside the source user it was made from. */
export interface WrittenUser {
  sub: string;
  ordinal: number;
  state: WorkItemState;
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
  return db
    .selectFrom("work_items as w")
    .innerJoin("source_users as u", (join) =>
      join.onRef("u.migration_id", "=", "w.migration_id").onRef("u.sub", "=", "w.sub"),
    )
    .select([
      "w.sub as sub",
      "w.ordinal as ordinal",
      "w.state as state",
      "w.record_hash as recordHash",
      "u.attributes as attributes",
    ])
    .where("w.migration_id", "=", migrationId)
    .where("w.phase", "=", "users")
    .where("w.sub", "in", subs)
    .execute();
}

/** A membership that stands by the ledger, and with which roles it was planned. */
export interface WrittenMembership {
  key: string;
  sub: string;
  /** The organization's key. */
  organization: string;
  /** Slugs; the newest plan's, which need not be those that were written. */
  roles: readonly string[];
  /** Of the roles that were written. */
  recordHash: string | null;
  ordinal: number;
  /** True if the verify phase of this generation has seen it at the destination. */
  isSeen: boolean;
}

/** Those of these keys that are done. */
export async function writtenMemberships(
  db: Db,
  migrationId: number,
  generation: number,
  keys: readonly string[],
): Promise<WrittenMembership[]> {
  if (keys.length === 0) return [];
  const rows = await db
    .selectFrom("work_items as w")
    .innerJoin("memberships as m", (join) =>
      join.onRef("m.migration_id", "=", "w.migration_id").onRef("m.key", "=", "w.sub"),
    )
    .select([
      "m.key as key",
      "m.sub as sub",
      "m.organization as organization",
      "m.roles as roles",
      "w.record_hash as recordHash",
      "w.ordinal as ordinal",
      "w.verified_generation as verifiedGeneration",
    ])
    .where("w.migration_id", "=", migrationId)
    .where("w.phase", "=", "memberships")
    .where("w.state", "=", "done")
    .where(isOneOf(db, "w.sub", keys))
    .execute();
  return rows.map(({ verifiedGeneration, ...row }) => ({
    ...row,
    // Written by upsertMemberships only.
    roles: JSON.parse(row.roles) as string[],
    isSeen: verifiedGeneration === generation,
  }));
}

/** Something that was written, and that no listing of this generation showed. */
export interface Unseen {
  ordinal: number;
  /** A user's sub, or a membership's key. */
  key: string;
  settledAtMs: number | null;
}

/** What is done with an ordinal after `after`, up to `upTo`, and not seen by the verify phase of this generation. */
export async function unseenBetween(
  db: Db,
  { migrationId, generation }: { migrationId: number; generation: number },
  phase: ItemPhase,
  after: number,
  upTo: number,
): Promise<Unseen[]> {
  return db
    .selectFrom("work_items")
    .select(["ordinal", "sub as key", "settled_at_ms as settledAtMs"])
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where("ordinal", ">", after)
    .where("ordinal", "<=", upTo)
    .where("state", "=", "done")
    .where((eb) =>
      eb.or([eb("verified_generation", "is", null), eb("verified_generation", "!=", generation)]),
    )
    .orderBy("ordinal")
    .execute();
}

export async function markSeen(
  tx: Tx,
  { migrationId, generation }: { migrationId: number; generation: number },
  phase: ItemPhase,
  ordinals: readonly number[],
): Promise<void> {
  if (ordinals.length === 0) return;
  await tx
    .updateTable("work_items")
    .set({ verified_generation: generation })
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where("ordinal", "in", ordinals)
    .execute();
}

/** Written, and gone at the destination: never made again. */
export async function markRemoved(
  tx: Tx,
  migrationId: number,
  phase: ItemPhase,
  ordinal: number,
): Promise<void> {
  const changed = await tx
    .updateTable("work_items")
    .set({ state: "skipped", code: "removed_at_destination" })
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where("ordinal", "=", ordinal)
    .where("state", "=", "done")
    .executeTakeFirst();
  if (changed.numUpdatedRows === 1n)
    await countMoves(tx, migrationId, phase, [{ from: "done", to: "skipped" }]);
}

export interface PlannedOrganization {
  /** Of the entity. */
  key: string;
  /** Null where it does not stand. */
  destinationId: string | null;
}

/** A phase's next organization in order of keys; null behind the last one. */
export async function nextOrganization(
  db: Db,
  migrationId: number,
  phase: ItemPhase,
  afterKey: string,
): Promise<PlannedOrganization | null> {
  const row = await db
    .selectFrom("entities as e")
    .leftJoin("work_items as w", (join) =>
      join
        .onRef("w.migration_id", "=", "e.migration_id")
        .onRef("w.phase", "=", "e.phase")
        .onRef("w.sub", "=", "e.key")
        .on("w.state", "=", "done"),
    )
    .select(["e.key as key", "w.destination_id as destinationId"])
    .where("e.migration_id", "=", migrationId)
    .where("e.phase", "=", phase)
    .where("e.kind", "=", "organization")
    .where("e.key", ">", afterKey)
    .orderBy("e.key")
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}
