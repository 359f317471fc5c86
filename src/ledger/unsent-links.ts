import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { isOneOf, nowMsSql } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";

/**
 * Links of our own mails that are in nobody's hands, and never will be: the mail was refused or put off, which makes a new
 * link, or the answer with the link was lost. The destination's record names them among those that were handed over.
 */

/** `resetId` as the destination calls the link; no token. */
export async function noteUnsentLink(db: Db, migrationId: number, resetId: string): Promise<void> {
  await db
    .insertInto("unsent_links")
    .values({ migration_id: migrationId, reset_id: resetId, sub: null, made_by_ms: null })
    .onConflict((conflict) => conflict.columns(["migration_id", "reset_id"]).doNothing())
    .execute();
}

/** The clocks of ledger and destination differ by less. */
const CLOCKS_DIFFER_MS = 10_000;

/** A link that is made so long after a lost one is not taken for it, not even by a ledger that has forgotten the later try. */
export function afterLostMs(callTimeoutMs: number): number {
  return callTimeoutMs + 2 * CLOCKS_DIFFER_MS;
}

/** The answer that names a link of this person was lost: if there is one, it is made before the call's time is over. */
export async function noteLostLink(
  db: Db,
  migrationId: number,
  { sub, callTimeoutMs }: { sub: string; callTimeoutMs: number },
): Promise<void> {
  const withinMs = callTimeoutMs + CLOCKS_DIFFER_MS;
  await db
    .insertInto("unsent_links")
    .values({
      migration_id: migrationId,
      reset_id: `lost:${randomUUID()}`,
      sub,
      made_by_ms: sql<number>`${nowMsSql(db)} + cast(${withinMs} as bigint)`,
    })
    .execute();
}

/** Which of these links are in nobody's hands. */
export async function unsentAmong(
  db: Db,
  migrationId: number,
  resetIds: readonly string[],
): Promise<Set<string>> {
  if (resetIds.length === 0) return new Set();
  const rows = await db
    .selectFrom("unsent_links")
    .select("reset_id")
    .where("migration_id", "=", migrationId)
    .where(isOneOf(db, "reset_id", resetIds))
    .execute();
  return new Set(rows.map((row) => row.reset_id));
}

/** Whether this link is one whose answer was lost: then it has its name from now on. */
export async function nameLostLink(
  tx: Tx,
  migrationId: number,
  { sub, resetId, atMs }: { sub: string; resetId: string; atMs: number },
): Promise<boolean> {
  const lost = await tx
    .selectFrom("unsent_links")
    .select("reset_id")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .where("made_by_ms", ">=", atMs)
    .orderBy("made_by_ms")
    .limit(1)
    .executeTakeFirst();
  if (lost === undefined) return false;
  const named = await tx
    .updateTable("unsent_links")
    .set({ reset_id: resetId, sub: null, made_by_ms: null })
    .where("migration_id", "=", migrationId)
    .where("reset_id", "=", lost.reset_id)
    .executeTakeFirst();
  return named.numUpdatedRows > 0n;
}
