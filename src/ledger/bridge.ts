import { sql } from "kysely";
import type { CompletedReset } from "../destinations/sign-in.ts";
import type { WorkItemState } from "../migration.ts";
import { nowMsSql } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { countMoves } from "./phase-counts.ts";
import type { SourceUserRow } from "./source-users.ts";

/** What the sign-in bridge asks and tells. */

export interface BridgeUser extends SourceUserRow {
  /** Of the import; null without a work item. */
  itemState: WorkItemState | null;
  itemCode: string | null;
  /** The account that the import or the bridge gave them; null without one. */
  destinationId: string | null;
}

interface Generation {
  id: number;
  generation: number;
}

/**
 * Everyone with this cluster key. While a snapshot is under way, people whom it has not come to yet are taken from the
 * one before.
 */
export async function bridgeCluster(
  db: Db,
  migration: Generation,
  clusterKey: string,
): Promise<BridgeUser[]> {
  const oldest = await oldestGeneration(db, migration);
  return bridgeUsers(db, migration.id)
    .where("u.cluster_key", "=", clusterKey)
    .where("u.generation", ">=", oldest)
    .orderBy("u.sub")
    .execute();
}

/** Undefined for somebody whom no snapshot listed. */
export async function bridgeUser(
  db: Db,
  migration: Generation,
  sub: string,
): Promise<BridgeUser | undefined> {
  return bridgeUsers(db, migration.id).where("u.sub", "=", sub).executeTakeFirst();
}

function bridgeUsers(db: Db, migrationId: number) {
  return db
    .selectFrom("source_users as u")
    .leftJoin("work_items as w", (join) =>
      join
        .onRef("w.migration_id", "=", "u.migration_id")
        .onRef("w.sub", "=", "u.sub")
        .on("w.phase", "=", "users"),
    )
    .leftJoin("bridge_moves as m", (join) =>
      join.onRef("m.migration_id", "=", "u.migration_id").onRef("m.sub", "=", "u.sub"),
    )
    .selectAll("u")
    .select(["w.state as itemState", "w.code as itemCode"])
    .select((eb) => eb.fn.coalesce("w.destination_id", "m.destination_id").as("destinationId"))
    .where("u.migration_id", "=", migrationId);
}

async function oldestGeneration(db: Db, { id, generation }: Generation): Promise<number> {
  const walk = await db
    .selectFrom("cursors")
    .select("done")
    .where("migration_id", "=", id)
    .where("name", "=", "snapshot")
    .where("generation", "=", generation)
    .executeTakeFirst();
  return walk?.done === 1 ? generation : generation - 1;
}

/** Why the plan of the newest run leaves this person out; null if it does not; undefined before it came to them. */
export async function plannedReason(
  db: Db,
  { id, generation }: Generation,
  sub: string,
): Promise<string | null | undefined> {
  const row = await db
    .selectFrom("plan")
    .select("reason")
    .where("migration_id", "=", id)
    .where("sub", "=", sub)
    .where("generation", "=", generation)
    .executeTakeFirst();
  return row?.reason;
}

/** Somebody who was not in the ledger's snapshots may have been moved all the same. */
export async function movedAccount(db: Db, migrationId: number, sub: string): Promise<string | null> {
  const row = await db
    .selectFrom("bridge_moves")
    .select("destination_id")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .executeTakeFirst();
  return row?.destination_id ?? null;
}

/**
 * The account that stands for somebody. An import that waits for this person, or failed, is done with it; one that is
 * sending at this moment finds the account by itself.
 */
export async function noteAccount(
  tx: Tx,
  migrationId: number,
  person: { sub: string; destinationId: string; how: string; recordHash: string },
): Promise<void> {
  const { sub, destinationId, how, recordHash } = person;
  await tx
    .insertInto("bridge_moves")
    .values({
      migration_id: migrationId,
      sub,
      destination_id: destinationId,
      begun_at_ms: nowMsSql(tx),
      moved_at_ms: null,
    })
    .onConflict((conflict) => conflict.columns(["migration_id", "sub"]).doNothing())
    .execute();
  const open = await tx
    .selectFrom("work_items")
    .select("state")
    .where("migration_id", "=", migrationId)
    .where("phase", "=", "users")
    .where("sub", "=", sub)
    .executeTakeFirst();
  if (open?.state !== "pending" && open?.state !== "failed") return;
  const done = await tx
    .updateTable("work_items")
    .set({
      state: "done",
      in_doubt: 0,
      code: null,
      message: null,
      how,
      destination_id: destinationId,
      record_hash: recordHash,
      settled_at_ms: nowMsSql(tx),
    })
    .where("migration_id", "=", migrationId)
    .where("phase", "=", "users")
    .where("sub", "=", sub)
    // Unless an import took it meanwhile.
    .where("state", "=", open.state)
    .executeTakeFirst();
  if (done.numUpdatedRows === 1n)
    await countMoves(tx, migrationId, "users", [{ from: open.state, to: "done" }]);
}

/** The password stands at the destination: this person gets no reset mail. */
export async function noteMoved(
  tx: Tx,
  migrationId: number,
  sub: string,
  destinationId: string,
): Promise<void> {
  const now = nowMsSql(tx);
  await tx
    .insertInto("bridge_moves")
    .values({
      migration_id: migrationId,
      sub,
      destination_id: destinationId,
      begun_at_ms: now,
      moved_at_ms: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["migration_id", "sub"])
        .doUpdateSet({ moved_at_ms: now, destination_id: destinationId }),
    )
    .execute();
}

/** Which of these people the bridge has moved: their passwords work at the destination. */
export async function movedAmong(db: Db, migrationId: number, subs: readonly string[]): Promise<Set<string>> {
  if (subs.length === 0) return new Set();
  const rows = await db
    .selectFrom("bridge_moves")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("moved_at_ms", "is not", null)
    .where("sub", "in", subs)
    .execute();
  return new Set(rows.map((row) => row.sub));
}

/** How many people the bridge moved on each day (UTC), earliest first. `day` counts from 1970-01-01. */
export async function movedPerDay(db: Db, migrationId: number): Promise<{ day: number; people: number }[]> {
  const day = sql<number>`cast(floor(moved_at_ms / 86400000.0) as integer)`;
  return db
    .selectFrom("bridge_moves")
    .select([day.as("day"), sql<number>`cast(count(*) as integer)`.as("people")])
    .where("migration_id", "=", migrationId)
    .where("moved_at_ms", "is not", null)
    .groupBy(day)
    .orderBy("day")
    .execute();
}

const RESETS = "completed_resets";

export interface EventPosition {
  eventId: string;
  atMs: number;
}

/** How far completed resets were copied; null before the first one. */
export async function resetsPosition(db: Db, migrationId: number): Promise<EventPosition | null> {
  const row = await db
    .selectFrom("event_positions")
    .select(["event_id as eventId", "at_ms as atMs"])
    .where("migration_id", "=", migrationId)
    .where("kind", "=", RESETS)
    .executeTakeFirst();
  return row ?? null;
}

/** Copies a page of completed resets. The position never goes back, however many copy at once. */
export async function copyResets(
  tx: Tx,
  migrationId: number,
  page: readonly CompletedReset[],
): Promise<void> {
  const last = page.at(-1);
  if (last === undefined) return;
  const newest = new Map(page.map(({ accountId, atMs }) => [accountId, atMs]));
  await tx
    .insertInto("completed_resets")
    .values(
      [...newest].map(([accountId, atMs]) => ({
        migration_id: migrationId,
        destination_id: accountId,
        completed_at_ms: atMs,
      })),
    )
    .onConflict((conflict) => conflict.columns(["migration_id", "destination_id"]).doNothing())
    .execute();
  await tx
    .insertInto("event_positions")
    .values({ migration_id: migrationId, kind: RESETS, event_id: last.eventId, at_ms: last.atMs })
    .onConflict((conflict) =>
      conflict
        .columns(["migration_id", "kind"])
        .doUpdateSet({ event_id: last.eventId, at_ms: last.atMs })
        .where("event_positions.at_ms", "<=", last.atMs),
    )
    .execute();
}

/** Whether the owner of this account has completed a password reset: what Cognito holds is old since. */
export async function hasCompletedReset(
  db: Db,
  migrationId: number,
  destinationId: string,
): Promise<boolean> {
  return (await resetAmong(db, migrationId, [destinationId])).has(destinationId);
}

/** Those of these accounts at the destination whose owners completed a reset, as far as the bridge has heard. */
export async function resetAmong(
  db: Db,
  migrationId: number,
  destinationIds: readonly string[],
): Promise<Set<string>> {
  if (destinationIds.length === 0) return new Set();
  const rows = await db
    .selectFrom("completed_resets")
    .select("destination_id")
    .where("migration_id", "=", migrationId)
    .where("destination_id", "in", destinationIds)
    .execute();
  return new Set(rows.map((row) => row.destination_id));
}
