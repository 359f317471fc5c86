import { sql } from "kysely";
import { isOneOf, isPostgres, nowMsSql } from "./dialect.ts";
import type { Db, Ledger, Tx } from "./ledger.ts";
import { type Fact, noteDoubts, noteStanding, placedAmong } from "./placed.ts";
import { overtake } from "./queue-settlements.ts";
import { MAY_BEGIN } from "./runs.ts";
import { slicesAfter } from "./slices.ts";
import { forgetReplaced } from "./taken-back.ts";

/** What the sign-in bridge asks and tells. */

interface Generation {
  id: number;
  generation: number;
}

/** Whom the bridge gave an account, and the address that they had proven. */
interface Brought extends Omit<Fact, "kind" | "key" | "details"> {
  sub: string;
  email: string;
  details?: Fact["details"];
}

/** An account that the bridge is about to make. */
interface Claim {
  sub: string;
  email: string;
  firstClaimedAtMs: number;
}

/**
 * Notes what the bridge is about to do for somebody. False, and nothing is noted, where the migration is being undone, or its
 * people are purged: what began before is ahead of it, and an undo or a purge that begins now sees it.
 */
export function begin(
  ledger: Ledger,
  migrationId: number,
  note: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  return ledger.write(async (tx) => {
    const open = await tx
      .selectFrom("migrations")
      .select("id")
      .where("id", "=", migrationId)
      .where(MAY_BEGIN)
      // Nobody begins an undo or a purge before this is noted.
      .$if(isPostgres(tx), (query) => query.forShare())
      .executeTakeFirst();
    if (open === undefined) return false;
    await note(tx);
    return true;
  });
}

/** An account is about to be made for somebody: it may stand from now on, whatever becomes of this process. */
export async function claimAccount(
  tx: Tx,
  migrationId: number,
  { sub, email, firstClaimedAtMs }: Claim,
): Promise<void> {
  await tx
    .insertInto("bridge_accounts")
    .values({ migration_id: migrationId, sub, email })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await noteDoubts(tx, migrationId, [{ kind: "user", key: sub, firstClaimedAtMs }]);
}

/** Nothing came of that claim; what others know or doubt of this account stays. */
export async function dropClaim(
  tx: Tx,
  migrationId: number,
  { sub, firstClaimedAtMs }: Pick<Claim, "sub" | "firstClaimedAtMs">,
): Promise<void> {
  await tx
    .deleteFrom("placed")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "user")
    .where("key", "=", sub)
    .where("state", "=", "in_doubt")
    .where("how", "is", null)
    .where("first_claimed_at_ms", "=", firstClaimedAtMs)
    .execute();
  const placed = await placedAmong(tx, migrationId, "user", [sub]);
  if (placed.size > 0) return;
  await tx
    .deleteFrom("bridge_accounts")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .execute();
}

/**
 * The account that stands for somebody: an import that waits for this person, or failed, is done with it. Its address is
 * kept beside it, because no snapshot may ever list them.
 */
export async function noteAccount(
  tx: Tx,
  { id: migrationId, generation }: Generation,
  { sub, email, ...fact }: Brought,
): Promise<void> {
  await tx
    .insertInto("bridge_accounts")
    .values({ migration_id: migrationId, sub, email })
    .onConflict((conflict) => conflict.columns(["migration_id", "sub"]).doUpdateSet({ email }))
    .execute();
  await forgetReplaced(tx, migrationId, [{ key: sub, destinationId: fact.destinationId }]);
  await noteStanding(tx, migrationId, [{ kind: "user", key: sub, details: null, ...fact }]);
  await overtake(tx, { migrationId, generation }, "users", { kind: "user", keys: [sub] });
}

/**
 * The password is about to be set at the destination: it may stand there from now on. False as with `begin`, in one
 * statement, as somebody waits for their sign-in.
 */
export async function beginMove(db: Db, migrationId: number, sub: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into bridge_moves (migration_id, sub, begun_at_ms, open_moves)
    select id, ${sub}, ${nowMsSql(db)}, 1 from migrations
    where id = ${migrationId} and ${MAY_BEGIN} ${isPostgres(db) ? sql`for share` : sql``}
    on conflict (migration_id, sub) do update set
      begun_at_ms = excluded.begun_at_ms, open_moves = bridge_moves.open_moves + 1`.execute(db);
  return Number(numAffectedRows ?? 0n) > 0;
}

/** Whether a password was set for this person within the last `withinMs`, or may have been. */
export async function isBeingMoved(
  db: Db,
  migrationId: number,
  sub: string,
  withinMs: number,
): Promise<boolean> {
  const row = await db
    .selectFrom("bridge_moves")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .where(({ eb, or }) => or([eb("open_moves", ">", 0), eb("moved_at_ms", "is not", null)]))
    .where("begun_at_ms", ">", sql<number>`${nowMsSql(db)} - ${withinMs}`)
    .executeTakeFirst();
  return row !== undefined;
}

/** The password of a move that was begun does not stand at the destination. */
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

/** The password of a move that was begun stands at the destination: this person gets no reset mail. */
export async function noteMoved(db: Db, migrationId: number, sub: string): Promise<void> {
  const now = nowMsSql(db);
  await db
    .insertInto("bridge_moves")
    .values({ migration_id: migrationId, sub, moved_at_ms: now, begun_at_ms: now })
    .onConflict((conflict) =>
      conflict.columns(["migration_id", "sub"]).doUpdateSet({
        moved_at_ms: now,
        open_moves: sql<number>`case when bridge_moves.open_moves > 0 then bridge_moves.open_moves - 1 else 0 end`,
      }),
    )
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
