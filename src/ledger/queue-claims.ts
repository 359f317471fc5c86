import { sql } from "kysely";
import type { PlacedKind, WorkIntent } from "../domain/books.ts";
import type { ItemPhase } from "../domain/phases.ts";
import { isOneOf, isPostgres, nowMsSql } from "./dialect.ts";
import { FencedError } from "./errors.ts";
import type { Db } from "./ledger.ts";
import { claimMails } from "./mails.ts";
import { type ClaimedItem, IS_OPEN, isDue, type WorkRange } from "./queue.ts";

/** How an attempt takes items of the queue. */

interface ClaimedRow {
  ordinal: number;
  kind: PlacedKind;
  key: string;
  intent: WorkIntent;
  in_doubt: 0 | 1;
  first_claimed_at_ms: number;
  attempts: number;
  put_off: number;
  data: string | null;
}

/**
 * Takes up to `limit` open items of the range for the attempt that holds `fence`: pending ones, and those that an
 * earlier attempt left in `sending`, which are in doubt from then on.
 */
export async function claim(db: Db, range: WorkRange, fence: number, limit: number): Promise<ClaimedItem[]> {
  const { migrationId, generation, phase, from, to, dueByMs, delivery = "destination" } = range;
  const claimable = sql`${isDue(dueByMs)} and ((state = 'pending' and fence <= ${fence}) or (state = 'sending' and fence < ${fence}))`;
  const ofPhase = sql`migration_id = ${migrationId} and generation = ${generation} and phase = ${phase}`;
  const { rows } = await sql<ClaimedRow>`
    update work_items set
      state = 'sending', fence = ${fence}, attempts = attempts + 1,
      in_doubt = case when state = 'sending' then 1 else in_doubt end,
      due_at_ms = null, first_claimed_at_ms = coalesce(first_claimed_at_ms, ${nowMsSql(db)})
    where ${ofPhase} and ${claimable} and ordinal in (
      select ordinal from work_items
      where ${ofPhase} and ordinal between ${from} and ${to} and ${IS_OPEN} and ${claimable}
      order by ordinal limit ${limit} ${isPostgres(db) ? sql`for update` : sql``})
    returning ordinal, kind, key, intent, in_doubt, first_claimed_at_ms, attempts, put_off, ${dataOf(phase)} as data`.execute(
    db,
  );
  const items = rows
    .map(({ in_doubt, put_off, first_claimed_at_ms, ...row }) => ({
      ...row,
      putOff: put_off,
      inDoubt: in_doubt === 1,
      firstClaimedAtMs: first_claimed_at_ms,
    }))
    .sort((a, b) => a.ordinal - b.ordinal);
  if (phase === "resets") await claimMails(db, migrationId, items, delivery);
  return items;
}

function dataOf(phase: ItemPhase) {
  return phase === "users" || phase === "resets"
    ? sql`(select attributes from source_users
        where source_users.migration_id = work_items.migration_id and source_users.sub = work_items.key)`
    : sql`(select data from planned_objects where planned_objects.migration_id = work_items.migration_id
        and planned_objects.kind = work_items.kind and planned_objects.key = work_items.key
        and planned_objects.generation = work_items.generation)`;
}

/** Throws FencedError unless all of these are still claimed under this fence. */
export async function confirmClaims(
  db: Db,
  range: WorkRange,
  ordinals: readonly number[],
  fence: number,
): Promise<void> {
  const rows = await db
    .selectFrom("work_items")
    .select("ordinal")
    .where("migration_id", "=", range.migrationId)
    .where("generation", "=", range.generation)
    .where("phase", "=", range.phase)
    .where(isOneOf(db, "ordinal", ordinals))
    .where("state", "=", "sending")
    .where("fence", "=", fence)
    .execute();
  if (rows.length !== ordinals.length) throw new FencedError();
}
