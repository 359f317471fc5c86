import { sql } from "kysely";
import type { PlacedHow, PlacedKind, PlacedState } from "../domain/books.ts";
import type { DestinationUser } from "../domain/records.ts";
import { membershipOf } from "../plan/keys.ts";
import { type UndoAbilities, type UndoFate, undoFate } from "../plan/undo-fate.ts";
import { subsByAccount } from "./accounts-by-id.ts";
import { isOneOf, nowMsSql } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { type Placed, placedAfter, placedAmong } from "./placed.ts";
import type { RunOfMigration } from "./runs.ts";

/** What an undo asks of the book of what stands. */

export interface ToUndo {
  placed: Placed;
  fate: UndoFate;
}

/** Of one kind, in order of key, after the given one: what an undo does about each. */
export async function toUndoAfter(
  db: Db,
  migrationId: number,
  kind: PlacedKind,
  after: string,
  limit: number,
  abilities: UndoAbilities,
): Promise<ToUndo[]> {
  const all = await placedAfter(db, migrationId, kind, after, limit);
  const accounts =
    kind === "membership"
      ? await placedAmong(
          db,
          migrationId,
          "user",
          all.map(({ key }) => membershipOf(key).sub),
        )
      : new Map<string, Placed>();
  const adopted = all.filter((placed) => undoFate(placed, abilities).kind === "restore");
  const images = await beforeImages(
    db,
    migrationId,
    adopted.map(({ key }) => key),
  );
  return all.map((placed) => {
    const fate = undoFate(placed, abilities);
    if (fate.kind === "restore" && !images.has(placed.key))
      return { placed, fate: { kind: "left", reason: "before_purged" } };
    if (kind !== "membership" || fate.kind !== "remove") return { placed, fate };
    const account = accounts.get(membershipOf(placed.key).sub);
    const goes = account !== undefined && undoFate(account, abilities).kind === "remove";
    return { placed, fate: goes ? { kind: "with_account" } : fate };
  });
}

/** How these accounts looked before they were adopted; whoever was not is absent. */
export async function beforeImages(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Map<string, DestinationUser>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("placed")
    .select(["key", "before_image as image"])
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "user")
    .where("before_image", "is not", null)
    .where(isOneOf(db, "key", subs))
    .$narrowType<{ image: string }>()
    .execute();
  // Written by keepBeforeImage only.
  return new Map(rows.map(({ key, image }) => [key, JSON.parse(image) as DestinationUser]));
}

/**
 * Accounts with these keys are at the destination. Those of people of this migration of which nothing is known here stand in
 * doubt as somebody's from now on: a later run looks them up, and takes them for what was there. `firstClaimedAtMs`: later
 * than they were made.
 */
export async function noteUnknownAccounts(
  tx: Tx,
  migrationId: number,
  keys: readonly string[],
  firstClaimedAtMs: number,
): Promise<void> {
  if (keys.length === 0) return;
  const unknown = tx
    .selectFrom("source_users")
    .select([
      "migration_id",
      sql<PlacedKind>`'user'`.as("kind"),
      "sub as key",
      sql<PlacedState>`'in_doubt'`.as("state"),
      sql<PlacedHow>`'already_there'`.as("how"),
      sql<number>`cast(${firstClaimedAtMs} as bigint)`.as("first_claimed_at_ms"),
    ])
    .where("migration_id", "=", migrationId)
    .where(isOneOf(tx, "sub", keys));
  await tx
    .insertInto("placed")
    .columns(["migration_id", "kind", "key", "state", "how", "first_claimed_at_ms"])
    .expression(unknown)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * The undo's own list shows these accounts, by the destination's ids. What is gone of them when its turn comes was removed since,
 * by an attempt that nobody may remember: a ledger that was restored meanwhile knows of no try.
 */
export async function noteShown(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  accountIds: readonly string[],
): Promise<void> {
  const subs = [...(await subsByAccount(tx, migrationId, accountIds)).values()];
  if (subs.length === 0) return;
  await tx
    .updateTable("placed")
    .set({ seen_generation: generation })
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "user")
    .where("state", "=", "standing")
    .where(isOneOf(tx, "key", subs))
    .execute();
}

/** Whether the list of this undo has shown it. */
export function wasShown({ seenGeneration }: Pick<Placed, "seenGeneration">, generation: number): boolean {
  return seenGeneration === generation;
}

/** Whether the bridge ever brought somebody over, or began to. */
export async function hasBridgeBegun(db: Db, migrationId: number): Promise<boolean> {
  const first = (table: "bridge_moves" | "bridge_accounts") =>
    db.selectFrom(table).select("sub").where("migration_id", "=", migrationId).limit(1).executeTakeFirst();
  return (await first("bridge_moves")) !== undefined || (await first("bridge_accounts")) !== undefined;
}

/** How long ago this undo took the migration, by the ledger's clock. */
export async function undoneForMs(db: Db, migrationId: number): Promise<number> {
  const { forMs } = await db
    .selectFrom("migrations")
    .select(sql<number>`${nowMsSql(db)} - coalesce(begun_at_ms, 0)`.as("forMs"))
    .where("id", "=", migrationId)
    .executeTakeFirstOrThrow();
  return Number(forMs);
}
