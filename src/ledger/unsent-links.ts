import { randomUUID } from "node:crypto";
import { type SqlBool, sql } from "kysely";
import type { SentMail } from "../destinations/resets.ts";
import { isOneOf, ledgerNowMs, nowMsSql } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";

/**
 * Links of our own mails that are in nobody's hands, and never will be: the mail was refused or put off, which makes a new
 * link, or the answer with the link was lost. The destination's record names them among those that were handed over.
 */

/** `resetId` as the destination calls the link; no token. */
export async function noteUnsentLink(db: Db, migrationId: number, resetId: string): Promise<void> {
  await db
    .insertInto("unsent_links")
    .values({ migration_id: migrationId, reset_id: resetId, sub: null, made_from_ms: null, made_by_ms: null })
    .onConflict((conflict) => conflict.columns(["migration_id", "reset_id"]).doNothing())
    .execute();
}

/** The clocks of ledger and destination differ by less: both are set by NTP. */
const CLOCKS_DIFFER_MS = 10_000;

/** A link that is made so long after a lost one is not taken for it, not even by a ledger that has forgotten the later try. */
export function afterLostMs(callTimeoutMs: number): number {
  return callTimeoutMs + 2 * CLOCKS_DIFFER_MS;
}

/** A call whose answer was lost so long after it began. */
export interface LostCall {
  sub: string;
  tookMs: number;
  callTimeoutMs: number;
}

/** The answer that names a link of this person was lost: if there is one, it is made before the call's time is over. */
export async function noteLostLink(
  db: Db,
  migrationId: number,
  { sub, tookMs, callTimeoutMs }: LostCall,
): Promise<void> {
  const sinceMs = Math.ceil(tookMs) + CLOCKS_DIFFER_MS;
  const withinMs = callTimeoutMs + CLOCKS_DIFFER_MS;
  await db
    .insertInto("unsent_links")
    .values({
      migration_id: migrationId,
      reset_id: `lost:${randomUUID()}`,
      sub,
      made_from_ms: sql<number>`${nowMsSql(db)} - cast(${sinceMs} as bigint)`,
      made_by_ms: sql<number>`${nowMsSql(db)} + cast(${withinMs} as bigint)`,
    })
    .execute();
}

/** How long a link that is made for this person could still be taken for a lost one of theirs; 0 where none could. */
export async function likeLostForMs(
  db: Db,
  migrationId: number,
  { sub, callTimeoutMs }: Pick<LostCall, "sub" | "callTimeoutMs">,
): Promise<number> {
  const last = await lostLinks(db, migrationId, [sub])
    .orderBy("made_by_ms", "desc")
    .limit(1)
    .executeTakeFirst();
  if (last === undefined) return 0;
  const leftMs = last.madeByMs + CLOCKS_DIFFER_MS - (await ledgerNowMs(db));
  // A clock that was set back since keeps nobody waiting for longer than one that was not.
  return Math.min(Math.max(0, leftMs), afterLostMs(callTimeoutMs));
}

/** A link in the destination's record, and whose it is. */
export interface RecordedLink extends Pick<SentMail, "resetId" | "atMs"> {
  sub: string;
}

/** Which of these links, oldest first, are in nobody's hands. One that may be a lost one has its name from then on. */
export async function unsentAmong(
  tx: Tx,
  migrationId: number,
  links: readonly RecordedLink[],
): Promise<Set<string>> {
  if (links.length === 0) return new Set();
  const ids = links.map(({ resetId }) => resetId);
  const rows = await tx
    .selectFrom("unsent_links")
    .select("reset_id")
    .where("migration_id", "=", migrationId)
    .where(isOneOf(tx, "reset_id", ids))
    .execute();
  const unsent = new Set(rows.map((row) => row.reset_id));
  const unknown = links.filter(({ resetId }) => !unsent.has(resetId));
  for (const resetId of await nameLostLinks(tx, migrationId, unknown)) unsent.add(resetId);
  return unsent;
}

/** Which of these links are ones whose answers were lost. */
async function nameLostLinks(tx: Tx, migrationId: number, links: readonly RecordedLink[]): Promise<string[]> {
  if (links.length === 0) return [];
  const subs = [...new Set(links.map(({ sub }) => sub))];
  const lost = await lostLinks(tx, migrationId, subs).orderBy("made_by_ms").execute();
  const named: string[] = [];
  for (const { sub, resetId, atMs } of links) {
    const at = lost.findIndex((one) => one.sub === sub && one.madeFromMs <= atMs && atMs <= one.madeByMs);
    const [found] = at === -1 ? [] : lost.splice(at, 1);
    if (found === undefined) continue;
    await tx
      .updateTable("unsent_links")
      .set({ reset_id: resetId, sub: null, made_from_ms: null, made_by_ms: null })
      .where("migration_id", "=", migrationId)
      .where("reset_id", "=", found.lostId)
      .execute();
    named.push(resetId);
  }
  return named;
}

/** Those of these people that have no name yet. */
function lostLinks(db: Db, migrationId: number, subs: readonly string[]) {
  return (
    db
      .selectFrom("unsent_links")
      .select((eb) => [
        "reset_id as lostId",
        "sub",
        eb.ref("made_from_ms").$notNull().as("madeFromMs"),
        eb.ref("made_by_ms").$notNull().as("madeByMs"),
      ])
      .where("migration_id", "=", migrationId)
      // The predicate of the index `unsent_links_lost`.
      .where(sql<SqlBool>`sub is not null`)
      .where(isOneOf(db, "sub", subs))
  );
}
