import { sql } from "kysely";
import type { CompletedReset } from "../destinations/sign-in.ts";
import { isOneOf, nowMsSql } from "./dialect.ts";
import type { Db, Ledger, Tx } from "./ledger.ts";
import { type Fact, noteStanding } from "./placed.ts";
import { overtake } from "./queue-settlements.ts";
import { slicesAfter } from "./slices.ts";

/** What the sign-in bridge asks and tells. */

interface Generation {
  id: number;
  generation: number;
}

/** The account that stands for somebody: an import that waits for this person, or failed, is done with it. */
export async function noteAccount(
  tx: Tx,
  { id: migrationId, generation }: Generation,
  { sub, ...fact }: { sub: string } & Omit<Fact, "kind" | "key" | "details">,
): Promise<void> {
  await noteStanding(tx, migrationId, [{ kind: "user", key: sub, details: null, ...fact }]);
  await overtake(tx, { migrationId, generation }, "users", { kind: "user", key: sub });
}

/**
 * The password is about to be set at the destination: it may stand there from now on. False, and nothing is noted,
 * where the owner has completed a reset: what they typed is old.
 */
export async function beginMove(
  db: Db,
  migrationId: number,
  sub: string,
  destinationId: string,
): Promise<boolean> {
  const noted = await db
    .insertInto("bridge_moves")
    .columns(["migration_id", "sub", "begun_at_ms", "open_moves"])
    .expression(
      db
        .selectNoFrom([
          sql<number>`cast(${migrationId} as integer)`.as("migration_id"),
          sql<string>`cast(${sub} as text)`.as("sub"),
          nowMsSql(db).as("begun_at_ms"),
          sql<number>`1`.as("open_moves"),
        ])
        .where(({ not, exists }) => not(exists(completedReset(db, migrationId, destinationId)))),
    )
    .onConflict((conflict) =>
      conflict.columns(["migration_id", "sub"]).doUpdateSet({
        begun_at_ms: nowMsSql(db),
        open_moves: sql<number>`bridge_moves.open_moves + 1`,
      }),
    )
    .executeTakeFirst();
  return noted.numInsertedOrUpdatedRows === 1n;
}

/** The destination did not take the password of a move that was begun. */
export async function endMove(db: Db, migrationId: number, sub: string): Promise<void> {
  await db
    .updateTable("bridge_moves")
    .set({ open_moves: sql<number>`open_moves - 1` })
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .execute();
}

/** Whose password the bridge brought along, of these. */
export async function movedAmong(db: Db, migrationId: number, subs: readonly string[]): Promise<Set<string>> {
  if (subs.length === 0) return new Set();
  const rows = await db
    .selectFrom("bridge_moves")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("moved_at_ms", "is not", null)
    .where(isOneOf(db, "sub", subs))
    .execute();
  return new Set(rows.map((row) => row.sub));
}

/** The password stands at the destination: this person gets no reset mail. */
export async function noteMoved(db: Db, migrationId: number, sub: string): Promise<void> {
  const now = nowMsSql(db);
  await db
    .insertInto("bridge_moves")
    .values({ migration_id: migrationId, sub, moved_at_ms: now, begun_at_ms: now })
    .onConflict((conflict) => conflict.columns(["migration_id", "sub"]).doUpdateSet({ moved_at_ms: now }))
    .execute();
}

const COUNTED_SLICE = 10_000;
const DAY_MS = 86_400_000;

/** How many people the bridge moved on each day (UTC), earliest first, counted in slices. `day` counts from 1970-01-01. */
export async function movedPerDay(
  ledger: Ledger,
  migrationId: number,
): Promise<{ day: number; people: number }[]> {
  const perDay = new Map<number, number>();
  const slices = slicesAfter(
    "",
    ({ sub }: Move) => sub,
    (after) => ledger.read((db) => movesAfter(db, migrationId, after)),
  );
  for await (const slice of slices)
    for (const { movedAtMs } of slice) {
      if (movedAtMs === null) continue;
      const day = Math.floor(movedAtMs / DAY_MS);
      perDay.set(day, (perDay.get(day) ?? 0) + 1);
    }
  return [...perDay].map(([day, people]) => ({ day, people })).sort((one, other) => one.day - other.day);
}

interface Move {
  sub: string;
  movedAtMs: number | null;
}

function movesAfter(db: Db, migrationId: number, afterSub: string): Promise<Move[]> {
  return db
    .selectFrom("bridge_moves")
    .select(["sub", "moved_at_ms as movedAtMs"])
    .where("migration_id", "=", migrationId)
    .where("sub", ">", afterSub)
    .orderBy("sub")
    .limit(COUNTED_SLICE)
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

/** The destination does not know this event: the next copy begins anew. Resets that were copied stay. */
export async function forgetResetsPosition(tx: Tx, migrationId: number, eventId: string): Promise<void> {
  await tx
    .deleteFrom("event_positions")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", RESETS)
    .where("event_id", "=", eventId)
    .execute();
}

/** Whether the owner of this account has completed a password reset: what Cognito holds is old since. */
export async function hasCompletedReset(
  db: Db,
  migrationId: number,
  destinationId: string,
): Promise<boolean> {
  return (await completedReset(db, migrationId, destinationId).executeTakeFirst()) !== undefined;
}

/** A row, where the owner of this account has completed a reset. */
export function completedReset(db: Db, migrationId: number, destinationId: string) {
  return db
    .selectFrom("completed_resets")
    .select("destination_id")
    .where("migration_id", "=", migrationId)
    .where("destination_id", "=", destinationId);
}
