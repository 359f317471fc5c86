import { sql } from "kysely";
import type { ItemPhase } from "../phases.ts";
import type { Decision } from "../plan/decide.ts";
import { isOneOf, isPostgres } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { countMoves, type Move } from "./phase-counts.ts";
import { type SourceUserRow, usersWithWork } from "./source-users.ts";

/** Where the walk over clusters stands. `sub` is set in the middle of a cluster that is too large to hold. */
export interface PlanPosition {
  clusterKey: string;
  sub: string | null;
}

export interface PlannedUser extends SourceUserRow {
  /** State and hash of the work item from this or an earlier run; null without one. */
  itemState: string | null;
  itemHash: string | null;
  /** The account that the sign-in bridge gave them; null without one. */
  movedTo: string | null;
}

/**
 * Makes the index that the plan walks by, unless it is there. Sorting the keys of a full table takes a fraction of what
 * keeping them sorted costs while the table fills. Ten million users take about a minute, in which nobody else writes.
 */
export async function indexClusters(tx: Tx): Promise<void> {
  // One at a time: PostgreSQL fails when two make it at once.
  await sql`update ledger_identity set id = id`.execute(tx);
  if (isPostgres(tx)) await sql`set local statement_timeout = 0`.execute(tx);
  await sql`create index if not exists source_users_cluster on source_users (migration_id, cluster_key, sub)`.execute(
    tx,
  );
}

/** Source users of this generation in order of (cluster key, sub), after the position. */
export async function usersByCluster(
  db: Db,
  migrationId: number,
  generation: number,
  after: PlanPosition | null,
  limit: number,
): Promise<PlannedUser[]> {
  let query = usersWithWork(db)
    .select(["w.state as itemState", "w.record_hash as itemHash", "m.destination_id as movedTo"])
    .where("u.migration_id", "=", migrationId)
    .where("u.generation", "=", generation)
    .orderBy("u.cluster_key")
    .orderBy("u.sub")
    .limit(limit);
  if (after !== null && after.sub === null) query = query.where("u.cluster_key", ">", after.clusterKey);
  if (after !== null && after.sub !== null)
    query = query.where(sql<boolean>`(u.cluster_key, u.sub) > (${after.clusterKey}, ${after.sub})`);
  return query.execute();
}

/** Which of these subs the group has. */
export async function membersAmong(
  db: Db,
  migrationId: number,
  group: string,
  subs: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom("group_members")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("group_name", "=", group)
    .where("sub", "in", subs)
    .execute();
  return new Set(rows.map((row) => row.sub));
}

export async function writeDecisions(
  tx: Tx,
  migrationId: number,
  generation: number,
  decisions: readonly Decision[],
): Promise<void> {
  if (decisions.length === 0) return;
  await tx
    .insertInto("plan")
    .values(
      decisions.map((decision) => ({
        migration_id: migrationId,
        sub: decision.sub,
        action: decision.action,
        reason: decision.reason,
        merge_into: decision.mergeInto,
        generation,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(["migration_id", "sub"]).doUpdateSet((eb) => ({
        action: eb.ref("excluded.action"),
        reason: eb.ref("excluded.reason"),
        merge_into: eb.ref("excluded.merge_into"),
        generation: eb.ref("excluded.generation"),
      })),
    )
    .execute();
}

/** Appends work items with dense ordinals after `lastOrdinal`. */
export async function addWorkItems(
  tx: Tx,
  migrationId: number,
  phase: ItemPhase,
  lastOrdinal: number,
  subs: readonly string[],
): Promise<void> {
  if (subs.length === 0) return;
  await tx
    .insertInto("work_items")
    .values(
      subs.map((sub, index) => ({
        migration_id: migrationId,
        phase,
        ordinal: lastOrdinal + 1 + index,
        sub,
        state: "pending" as const,
        fence: 0,
        attempts: 0,
        in_doubt: 0 as const,
      })),
    )
    .execute();
  await countMoves(tx, migrationId, phase, Array(subs.length).fill({ from: null, to: "pending" }));
  const doubled = Math.floor(Math.log2(lastOrdinal + subs.length)) > Math.floor(Math.log2(lastOrdinal));
  if (doubled && isPostgres(tx)) await refreshStatistics(tx);
}

/**
 * PostgreSQL gathers statistics a minute late; until then it reads all items of a phase to find one by its sub.
 * A sample of 3,000 rows tells enough, and takes some milliseconds.
 */
async function refreshStatistics(tx: Tx): Promise<void> {
  await sql`set local default_statistics_target = 10`.execute(tx);
  await sql`analyze source_users, work_items`.execute(tx);
}

/** Whom somebody removed at the destination is never made again; a mail that may have gone out is never sent again. */
const FINAL_CODES = ["removed_at_destination", "unsettled"];

/** Brings items of earlier runs in line with the new plan; items that are done stay done. */
export async function replanWorkItems(
  tx: Tx,
  migrationId: number,
  phase: ItemPhase,
  subs: readonly string[],
  to: "pending" | "skipped",
): Promise<void> {
  if (subs.length === 0) return;
  const moved = await tx
    .selectFrom("work_items")
    .select(["ordinal", "state"])
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where("sub", "in", subs)
    .where("state", "in", ["pending", "sending", "failed", "skipped"])
    .where("state", "!=", to)
    .where((eb) => eb.or([eb("code", "is", null), eb("code", "not in", FINAL_CODES)]))
    .execute();
  const open = moved.filter((item) => !(to === "pending" && item.state === "sending"));
  if (open.length === 0) return;
  await tx
    .updateTable("work_items")
    .set({
      state: to,
      settled_at_ms: null,
      // What was being sent when its worker died may have taken effect.
      in_doubt: sql<0 | 1>`case when state = 'sending' then 1 else in_doubt end`,
    })
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where(
      "ordinal",
      "in",
      open.map((item) => item.ordinal),
    )
    .execute();
  const moves = open.map((item): Move => ({ from: countedState(item.state), to }));
  await countMoves(tx, migrationId, phase, moves);
}

/** Of these items, the ones that are done, and what was sent then. */
export async function sentHashes(
  db: Db,
  migrationId: number,
  phase: ItemPhase,
  subs: readonly string[],
): Promise<Map<string, string | null>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("work_items")
    .select(["sub", "record_hash as recordHash"])
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where("state", "=", "done")
    .where(isOneOf(db, "sub", subs))
    .execute();
  return new Map(rows.map((row) => [row.sub, row.recordHash]));
}

/** Numbers what is new, and opens what is known and not done again. */
export async function planItems(
  tx: Tx,
  migrationId: number,
  phase: ItemPhase,
  items: { fresh: readonly string[]; known: readonly string[] },
): Promise<void> {
  const last = items.fresh.length === 0 ? 0 : await lastOrdinal(tx, migrationId, phase);
  await addWorkItems(tx, migrationId, phase, last, items.fresh);
  await replanWorkItems(tx, migrationId, phase, items.known, "pending");
}

/** Open work about people whom this run's snapshot did not list any more: they are gone from Cognito. */
export async function openButUnlisted(
  db: Db,
  migrationId: number,
  phase: ItemPhase,
  generation: number,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom("work_items as w")
    .innerJoin("source_users as u", (join) =>
      join.onRef("u.migration_id", "=", "w.migration_id").onRef("u.sub", "=", "w.sub"),
    )
    .select("w.sub as sub")
    .where("w.migration_id", "=", migrationId)
    .where("w.phase", "=", phase)
    .where(sql<boolean>`w.state in ('pending', 'sending')`)
    .where("u.generation", "!=", generation)
    .limit(limit)
    .execute();
  return rows.map((row) => row.sub);
}

function countedState(state: "pending" | "sending" | "done" | "failed" | "skipped"): Move["to"] {
  return state === "sending" ? "pending" : state;
}

/** Notes on what is done: it was left as it was made although the source changed. */
export async function noteChanged(
  tx: Tx,
  migrationId: number,
  phase: ItemPhase,
  subs: readonly string[],
): Promise<void> {
  if (subs.length === 0) return;
  await tx
    .updateTable("work_items")
    .set({ code: "changed_after_import" })
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where("state", "=", "done")
    .where("sub", "in", subs)
    .execute();
}

export async function lastOrdinal(db: Db, migrationId: number, phase: ItemPhase): Promise<number> {
  const row = await db
    .selectFrom("work_items")
    .select(sql<number | null>`max(ordinal)`.as("last"))
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .executeTakeFirst();
  return row?.last ?? 0;
}
