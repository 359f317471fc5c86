import { sql } from "kysely";
import type { ResetEvent } from "../destinations/sign-in.ts";
import { isOneOf, ledgerNowMs, listedRows } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { isPurgedNow } from "./runs.ts";

/** What the destination's events tell of password resets: the links that were made, and those that were used. */

export interface EventPosition {
  eventId: string;
  atMs: number;
}

export interface ResetPositions {
  /** How far events were copied. */
  newest: EventPosition | null;
  /** No event that was listed late is missing up to here. */
  settled: EventPosition | null;
}

const KINDS: Readonly<Record<keyof ResetPositions, string>> = {
  newest: "resets_newest",
  settled: "resets_settled",
};

export async function resetPositions(db: Db, migrationId: number): Promise<ResetPositions> {
  const rows = await db
    .selectFrom("event_positions")
    .select(["kind", "event_id as eventId", "at_ms as atMs"])
    .where("migration_id", "=", migrationId)
    .where("kind", "in", Object.values(KINDS))
    .execute();
  const of = (name: keyof ResetPositions) => {
    const row = rows.find(({ kind }) => kind === KINDS[name]);
    return row === undefined ? null : { eventId: row.eventId, atMs: row.atMs };
  };
  return { newest: of("newest"), settled: of("settled") };
}

/**
 * Copies events in their order. No position ever goes back, however many copy at once. False, and nothing is copied, where
 * the migration is purged: nobody is brought over, and what was removed would come back.
 */
export async function copyResetEvents(
  tx: Tx,
  migrationId: number,
  events: readonly ResetEvent[],
  settled: EventPosition | null,
): Promise<boolean> {
  if (await isPurgedNow(tx, migrationId)) return false;
  const last = events.at(-1);
  const [opened, completed] = [ofKind(events, "opened"), ofKind(events, "completed")];
  if (opened.length > 0) await keepLinks(tx, migrationId, opened);
  if (completed.length > 0) await keepCompleted(tx, migrationId, completed);
  if (last !== undefined) await moveTo(tx, migrationId, "newest", last);
  if (settled !== null) await moveTo(tx, migrationId, "settled", settled);
  return true;
}

function ofKind(events: readonly ResetEvent[], kind: ResetEvent["kind"]): ResetEvent[] {
  return events.filter((event) => event.kind === kind);
}

async function keepCompleted(tx: Tx, migrationId: number, completed: readonly ResetEvent[]): Promise<void> {
  const byAccount = new Map(completed.map(({ accountId, atMs }) => [accountId, atMs]));
  await tx
    .insertInto("completed_resets")
    .values(
      [...byAccount].map(([accountId, atMs]) => ({
        migration_id: migrationId,
        destination_id: accountId,
        completed_at_ms: atMs,
      })),
    )
    .onConflict((conflict) => conflict.columns(["migration_id", "destination_id"]).doNothing())
    .execute();
  await dropLinks(
    tx,
    migrationId,
    completed.map(({ resetId }) => resetId),
  );
}

async function dropLinks(tx: Tx, migrationId: number, resetIds: readonly string[]): Promise<void> {
  if (resetIds.length === 0) return;
  await tx
    .deleteFrom("reset_links")
    .where("migration_id", "=", migrationId)
    .where(isOneOf(tx, "reset_id", resetIds))
    .execute();
}

const LINK = { reset_id: "text", destination_id: "text", expires_at_ms: "bigint" };
/** Nobody asks for a link any more that is past for so long. */
const LINKS_KEPT_MS = 24 * 60 * 60_000;
const FORGOTTEN_AT_ONCE = 1_000;

async function keepLinks(tx: Tx, migrationId: number, opened: readonly ResetEvent[]): Promise<void> {
  // As a value: PostgreSQL searches no index by a clock.
  const forgottenMs = (await ledgerNowMs(tx)) - LINKS_KEPT_MS;
  const past = await tx
    .selectFrom("reset_links")
    .select("reset_id")
    .where("migration_id", "=", migrationId)
    .where("expires_at_ms", "<", forgottenMs)
    .orderBy("expires_at_ms")
    .limit(FORGOTTEN_AT_ONCE)
    .execute();
  await dropLinks(
    tx,
    migrationId,
    past.map((link) => link.reset_id),
  );
  const rows = opened.map(({ resetId, accountId, expiresAtMs }) => ({
    reset_id: resetId,
    destination_id: accountId,
    expires_at_ms: expiresAtMs,
  }));
  await sql`
    insert into reset_links (migration_id, reset_id, destination_id, expires_at_ms)
    select cast(${migrationId} as integer), reset_id, destination_id, expires_at_ms
    from ${listedRows(tx, LINK, rows)} where expires_at_ms >= ${forgottenMs}
    on conflict (migration_id, reset_id) do nothing`.execute(tx);
}

/** A link that somebody may use, as the destination's events tell of it. */
export type ResetLinkRow = Pick<ResetEvent, "resetId" | "accountId" | "expiresAtMs">;

/** Keeps a link before an event tells of it. */
export async function keepLink(
  db: Db,
  migrationId: number,
  { resetId, accountId, expiresAtMs }: ResetLinkRow,
): Promise<void> {
  await db
    .insertInto("reset_links")
    .values({
      migration_id: migrationId,
      reset_id: resetId,
      destination_id: accountId,
      expires_at_ms: expiresAtMs,
    })
    .onConflict((conflict) => conflict.columns(["migration_id", "reset_id"]).doNothing())
    .execute();
}

async function moveTo(
  tx: Tx,
  migrationId: number,
  name: keyof ResetPositions,
  { eventId, atMs }: EventPosition,
): Promise<void> {
  await tx
    .insertInto("event_positions")
    .values({ migration_id: migrationId, kind: KINDS[name], event_id: eventId, at_ms: atMs })
    .onConflict((conflict) =>
      conflict
        .columns(["migration_id", "kind"])
        .doUpdateSet({ event_id: eventId, at_ms: atMs })
        .where("event_positions.at_ms", "<=", atMs),
    )
    .execute();
}

/** The destination does not know this event: the next copy begins anew. What was copied stays. */
export async function forgetResetPositions(tx: Tx, migrationId: number, eventId: string): Promise<void> {
  await tx
    .deleteFrom("event_positions")
    .where("migration_id", "=", migrationId)
    .where("kind", "in", Object.values(KINDS))
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
