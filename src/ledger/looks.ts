import { sql } from "kysely";
import { type Standing, standingOfRow } from "../plan/still-as-planned.ts";
import { storableKey } from "../plan/texts.ts";
import { CLOCK_CORRECTION_MS, isOneOf, listedRows, nowMsSql } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { IS_OPEN, type WorkRange } from "./queue.ts";
import type { RunOfMigration } from "./runs.ts";

/**
 * What Cognito said last of those whose reset mail is due, and when it was asked: nobody is mailed on an old look. One that
 * comes of the future, by a clock that was set back since, is old as well; so is one of an earlier run, whose plan was
 * another.
 */

export interface Look {
  sub: string;
  /** Before Cognito was asked, by the ledger's clock. */
  lookedAtMs: number;
  /** Null for somebody whom Cognito does not list. */
  standing: Standing | null;
}

const LOOK = {
  sub: "text",
  looked_at_ms: "bigint",
  status: "text",
  enabled: "integer",
  native: "integer",
  email: "text",
  email_verified: "integer",
};

/**
 * Keeps looks at people whose mail is open; one that was made since then, by the same walk, stays. Returns how many are
 * kept.
 */
export async function noteLooks(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  looks: readonly Look[],
  sinceMs: number,
): Promise<number> {
  // Pages of one write may name somebody twice.
  const rows = [...new Map(looks.map((look) => [storableKey(look.sub), look]))].map(([sub, look]) => ({
    sub,
    looked_at_ms: look.lookedAtMs,
    status: look.standing?.status ?? null,
    enabled: look.standing?.enabled ? 1 : 0,
    native: look.standing?.native ? 1 : 0,
    email: look.standing?.email ?? null,
    email_verified: look.standing?.emailVerified ? 1 : 0,
  }));
  if (rows.length === 0) return 0;
  const { numAffectedRows } = await sql`
    insert into looks (migration_id, sub, generation, looked_at_ms, status, enabled, native, email, email_verified)
    select cast(${migrationId} as integer), sub, cast(${generation} as integer), looked_at_ms, status, enabled, native, email, email_verified
    from ${listedRows(db, LOOK, rows)} where (
      select state from work_items
      where migration_id = ${migrationId} and generation = ${generation} and phase = 'resets'
        and key = listed.sub and kind = 'user') in ('pending', 'sending')
    on conflict (migration_id, sub) do update set
      generation = excluded.generation, looked_at_ms = excluded.looked_at_ms, status = excluded.status, enabled = excluded.enabled,
      native = excluded.native, email = excluded.email, email_verified = excluded.email_verified
      where looks.generation < excluded.generation or looks.looked_at_ms < ${sinceMs} or looks.looked_at_ms > excluded.looked_at_ms`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0);
}

/** Whatever was seen of these people counts no more. */
export async function forgetLooks(tx: Tx, migrationId: number, subs: readonly string[]): Promise<void> {
  if (subs.length === 0) return;
  await tx
    .deleteFrom("looks")
    .where("migration_id", "=", migrationId)
    .where(isOneOf(tx, "sub", subs))
    .execute();
}

const isYoung = (db: Db, generation: number, maxAgeMs: number) =>
  sql<boolean>`looks.generation = ${generation} and looks.looked_at_ms between ${nowMsSql(db)} - cast(${maxAgeMs} as integer)
    and ${nowMsSql(db)} + ${sql.lit(CLOCK_CORRECTION_MS)}`;

/** Somebody whose mail is due. */
export interface DuePerson {
  sub: string;
  /** Whether the last look at them is young enough. */
  isLookedAt: boolean;
}

/** The first ones of the range who are due, in their order. Of a doubt no look settles anything. */
export async function duePeople(
  db: Db,
  { migrationId, generation, from, to }: Omit<WorkRange, "phase">,
  maxAgeMs: number,
  limit: number,
): Promise<DuePerson[]> {
  const { rows } = await sql<{ sub: string; looked: string | null }>`
    select work_items.key as sub, looks.sub as looked from work_items
    left join looks on looks.migration_id = work_items.migration_id and looks.sub = work_items.key
      and ${isYoung(db, generation, maxAgeMs)}
    where work_items.migration_id = ${migrationId} and work_items.generation = ${generation}
      and work_items.phase = 'resets' and work_items.ordinal between ${from} and ${to}
      and ${IS_OPEN} and state = 'pending' and in_doubt = 0
    order by work_items.ordinal limit ${limit}`.execute(db);
  return rows.map(({ sub, looked }) => ({ sub, isLookedAt: looked !== null }));
}

/** The last look at somebody, unless it is older; undefined without one. */
export async function lookAt(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  sub: string,
  maxAgeMs: number,
): Promise<Pick<Look, "standing"> | undefined> {
  const row = await db
    .selectFrom("looks")
    .select(["status", "enabled", "native", "email", "email_verified"])
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .where(isYoung(db, generation, maxAgeMs))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { status, ...others } = row;
  return { standing: status === null ? null : standingOfRow({ status, ...others }) };
}
