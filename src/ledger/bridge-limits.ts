import { createHash } from "node:crypto";
import { sql } from "kysely";
import { isAhead, nowMsSql } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import type { MigrationIdentity } from "./runs.ts";

/** What the sign-in bridge gives out sparingly, counted by the ledger's clock for every bridge and after every restart. */

export interface Taken {
  /** With this one. */
  times: number;
  /** Until the next one begins to count anew. */
  leftMs: number;
}

/**
 * Under which something is counted; for null it is nobody's data, and of no migration. Addresses are personal data: what
 * is counted is their digest, behind that of the migration, by which a purge finds them.
 */
export function limitKey(migration: MigrationIdentity | null, parts: readonly string[]): string {
  const scope = scopeOf(migration);
  return `${digestOf(scope)}.${digestOf([...scope, ...parts])}`;
}

function scopeOf(migration: MigrationIdentity | null): string[] {
  if (migration === null) return [];
  const { poolId, destinationKind, environment } = migration;
  return [poolId, destinationKind, environment];
}

function digestOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

/** Takes one of what `key` stands for. It counts for `windowMs` from the first one on. */
export async function takeOne(db: Db, key: string, windowMs: number): Promise<Taken> {
  const nowMs = nowMsSql(db);
  const isCounting = isAhead(db, "bridge_limits.until_ms", windowMs);
  const { rows } = await sql<Taken>`
    insert into bridge_limits (key, taken, until_ms)
    values (cast(${key} as text), 1, ${nowMs} + ${sql.lit(windowMs)})
    on conflict (key) do update set
      taken = case when ${isCounting} then bridge_limits.taken + 1 else 1 end,
      until_ms = case when ${isCounting} then bridge_limits.until_ms else excluded.until_ms end
    returning taken as times, until_ms - ${nowMs} as "leftMs"`.execute(db);
  const [taken] = rows;
  if (taken === undefined) throw new Error("The ledger returned no count.");
  return taken;
}

/** How often `key` was taken in the window that counts; takes none. */
export async function timesTaken(db: Db, key: string, windowMs: number): Promise<number> {
  const row = await db
    .selectFrom("bridge_limits")
    .select("taken")
    .where("key", "=", key)
    .where(isAhead(db, "bridge_limits.until_ms", windowMs))
    .executeTakeFirst();
  return row?.taken ?? 0;
}

/** As if nothing of what `key` stands for had been taken. */
export async function giveBackAll(db: Db, key: string): Promise<void> {
  await db.deleteFrom("bridge_limits").where("key", "=", key).execute();
}

/** Deletes up to `atMost` counts that are over; returns how many there were. */
export async function dropOver(db: Db, atMost: number): Promise<number> {
  const over = db
    .selectFrom("bridge_limits")
    .select("key")
    .where("until_ms", "<=", nowMsSql(db))
    .orderBy("until_ms")
    .limit(atMost);
  const { numDeletedRows } = await db.deleteFrom("bridge_limits").where("key", "in", over).executeTakeFirst();
  return Number(numDeletedRows);
}

/** How many counts of a migration there are, whether they are over or not. */
export async function countsOf(db: Db, migration: MigrationIdentity): Promise<number> {
  const { count } = await countsWithin(db, migration)
    .select((eb) => eb.cast<number>(eb.fn.countAll(), "integer").as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

function countsWithin(db: Db, migration: MigrationIdentity) {
  const scope = digestOf(scopeOf(migration));
  return db.selectFrom("bridge_limits").where("key", ">=", `${scope}.`).where("key", "<", `${scope}/`);
}

/** Deletes up to `atMost` counts of a migration, whether they are over or not; returns how many there were. */
export async function dropCounts(db: Db, migration: MigrationIdentity, atMost: number): Promise<number> {
  const counts = countsWithin(db, migration).select("key").orderBy("key").limit(atMost);
  const { numDeletedRows } = await db
    .deleteFrom("bridge_limits")
    .where("key", "in", counts)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
