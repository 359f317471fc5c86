import type { PlacedHow, PlacedState } from "../domain/books.ts";
import type { WorkItemState } from "../domain/outcomes.ts";
import type { ItemPhase } from "../domain/phases.ts";
import { hasNoSub } from "../plan/normalize.ts";
import { storable } from "../plan/texts.ts";
import type { Db } from "./ledger.ts";
import { outcomesOf, type UserOutcome } from "./outcomes.ts";
import { placedAmong } from "./placed.ts";
import { IS_LINKED } from "./plan.ts";
import { type MigrationRow, type RunOfMigration, readMigration } from "./runs.ts";

/** What an operator asks about single people and errors. */

export async function allMigrations(db: Db): Promise<MigrationRow[]> {
  const rows = await db.selectFrom("migrations").select("id").orderBy("id").execute();
  return Promise.all(rows.map((row) => readMigration(db, row.id)));
}

/** Everything that is known of one person's fate. `message` holds the vendor's words: for the operator's eyes. */
export interface Fate extends UserOutcome {
  /** In Cognito, of somebody without a `sub`: nothing else tells an operator who it is. Null for all others. */
  username: string | null;
  status: string;
  enabled: boolean;
  emailVerified: boolean;
  /** Of the newest run's queue; null where it has no work with this person. */
  item: FateItem | null;
  /** Null where nothing stands, or may stand, at the destination. */
  placed: FatePlaced | null;
}

export interface FateItem {
  state: WorkItemState;
  attempts: number;
  code: string | null;
  message: string | null;
}

export interface FatePlaced {
  state: PlacedState;
  how: PlacedHow | null;
  /** Epoch milliseconds. */
  writtenAtMs: number | null;
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
    .select(["username", "status", "enabled", "email_verified"])
    .where("migration_id", "=", migration.id)
    .where("sub", "=", sub)
    .executeTakeFirstOrThrow();
  const item = await itemOf(
    db,
    { migrationId: migration.id, generation: migration.generation },
    "users",
    sub,
  );
  const placed = (await placedAmong(db, migration.id, "user", [sub])).get(sub);
  return {
    ...outcome,
    username: hasNoSub(sub) ? user.username : null,
    status: user.status,
    enabled: user.enabled === 1,
    emailVerified: user.email_verified === 1,
    item,
    placed: placed ?? null,
  };
}

async function itemOf(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  phase: ItemPhase,
  sub: string,
): Promise<FateItem | null> {
  const item = await db
    .selectFrom("work_items")
    .select(["state", "attempts", "code", "message"])
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("phase", "=", phase)
    .where("key", "=", sub)
    .executeTakeFirst();
  return item ?? null;
}

/** What whoever sends the mails said of this person's in the newest run; null where nothing was said. */
export async function mailMessage(db: Db, run: RunOfMigration, sub: string): Promise<string | null> {
  return (await itemOf(db, run, "resets", sub))?.message ?? null;
}

/** Everyone of the newest snapshot with this (normalised) address. */
export async function subsByEmail(
  db: Db,
  { id, generation }: { id: number; generation: number },
  email: string,
): Promise<string[]> {
  const withAddress = db
    .selectFrom("source_users")
    .select("sub")
    .where("migration_id", "=", id)
    .where("generation", "=", generation)
    .where("email", "=", storable(email));
  const own = await withAddress.where("cluster_key", "=", storable(email)).execute();
  const linked = await withAddress.where(IS_LINKED).execute();
  return [...own, ...linked].map(({ sub }) => sub).sort();
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
