import type { WorkItemState } from "../migration.ts";
import type { ItemPhase } from "../phases.ts";
import type { Db } from "./ledger.ts";
import { outcomesOf, type UserOutcome } from "./outcomes.ts";
import { type MigrationRow, readMigration } from "./runs.ts";

/** What an operator asks about single people and errors. */

export async function allMigrations(db: Db): Promise<MigrationRow[]> {
  const rows = await db.selectFrom("migrations").select("id").orderBy("id").execute();
  return Promise.all(rows.map((row) => readMigration(db, row.id)));
}

/** Everything that is known of one person's fate. `message` holds the vendor's words: for the operator's eyes. */
export interface Fate extends UserOutcome {
  status: string;
  enabled: boolean;
  emailVerified: boolean;
  /** Null without a work item: skipped by the plan, or merged. */
  item: FateItem | null;
}

export interface FateItem {
  state: WorkItemState;
  attempts: number;
  /** created, adopted, already_there; null for an item that is not done. */
  how: string | null;
  code: string | null;
  message: string | null;
  /** Epoch milliseconds. */
  settledAtMs: number | null;
}

/** Undefined for someone whom the newest snapshot did not list. */
export async function fateOf(
  db: Db,
  migration: { id: number; generation: number },
  sub: string,
): Promise<Fate | undefined> {
  const [outcome] = await outcomesOf(db, migration, [sub]);
  if (outcome === undefined) return undefined;
  const user = await db
    .selectFrom("source_users")
    .select(["status", "enabled", "email_verified"])
    .where("migration_id", "=", migration.id)
    .where("sub", "=", sub)
    .executeTakeFirstOrThrow();
  const item = await db
    .selectFrom("work_items")
    .select(["state", "attempts", "how", "code", "message", "settled_at_ms as settledAtMs"])
    .where("migration_id", "=", migration.id)
    .where("phase", "=", "users")
    .where("sub", "=", sub)
    .executeTakeFirst();
  return {
    ...outcome,
    status: user.status,
    enabled: user.enabled === 1,
    emailVerified: user.email_verified === 1,
    item: item ?? null,
  };
}

/** Everyone of the newest snapshot with this (normalised) address. */
export async function subsByEmail(
  db: Db,
  { id, generation }: { id: number; generation: number },
  email: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom("source_users")
    .select("sub")
    .where("migration_id", "=", id)
    .where("generation", "=", generation)
    .where("email", "=", email)
    .orderBy("sub")
    .execute();
  return rows.map((row) => row.sub);
}

export interface FailedItem {
  ordinal: number;
  /** A user's sub, or the key of an entity or a membership. */
  sub: string;
  code: string | null;
  message: string | null;
}

/** A phase's failed items in order of their ordinals, after the given one. */
export async function failedItemsAfter(
  db: Db,
  migrationId: number,
  phase: ItemPhase,
  afterOrdinal: number,
  limit: number,
): Promise<FailedItem[]> {
  return db
    .selectFrom("work_items")
    .select(["ordinal", "sub", "code", "message"])
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where("state", "=", "failed")
    .where("ordinal", ">", afterOrdinal)
    .orderBy("ordinal")
    .limit(limit)
    .execute();
}

export interface ActivityFailure {
  activity: string;
  failures: number;
  /** The newest one, in full: may hold personal data. */
  detail: string;
}

export async function activityFailures(db: Db, migrationId: number): Promise<ActivityFailure[]> {
  return db
    .selectFrom("activity_failures")
    .select(["activity", "failures", "detail"])
    .where("migration_id", "=", migrationId)
    .orderBy("activity")
    .execute();
}
