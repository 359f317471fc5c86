import { sql } from "kysely";
import { FencedError } from "./errors.ts";
import type { Ledger, Tx } from "./ledger.ts";

export type Counters = Readonly<Record<string, number>>;

export interface Cursor {
  position: string | null;
  done: boolean;
  counters: Counters;
}

/** Which walk: one per migration, generation (run) and name. */
export interface CursorId {
  migrationId: number;
  generation: number;
  name: string;
}

const FRESH: Cursor = { position: null, done: false, counters: {} };

/**
 * Takes the walk for the attempt that holds `fence`. A walk of an earlier generation starts afresh, whatever its fence: a
 * new run may have come from another Temporal server, with another clock. One of a later generation is nobody else's.
 */
export async function takeCursor(ledger: Ledger, id: CursorId, fence: number): Promise<Cursor> {
  return ledger.write(async (tx) => {
    await tx
      .insertInto("cursors")
      .values({
        migration_id: id.migrationId,
        name: id.name,
        generation: id.generation,
        fence: 0,
        position: null,
        done: 0,
        counters: "{}",
      })
      .onConflict((conflict) => conflict.columns(["migration_id", "name"]).doNothing())
      .execute();
    const isSame = sql<boolean>`generation = ${id.generation}`;
    const row = await tx
      .updateTable("cursors")
      .set({
        fence,
        generation: id.generation,
        position: sql<string | null>`case when ${isSame} then position end`,
        done: sql<0 | 1>`case when ${isSame} then done else 0 end`,
        counters: sql<string>`case when ${isSame} then counters else '{}' end`,
      })
      .where("migration_id", "=", id.migrationId)
      .where("name", "=", id.name)
      .where((eb) =>
        eb.or([eb("generation", "<", id.generation), eb.and([isSame, eb("fence", "<=", fence)])]),
      )
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw new FencedError();
    // Written by moveCursor only.
    const counters = JSON.parse(row.counters) as Counters;
    return { position: row.position, done: row.done === 1, counters };
  });
}

/** Moves the walk on, in the transaction of the rows that it yielded. */
export async function moveCursor(tx: Tx, id: CursorId, fence: number, to: Cursor): Promise<void> {
  const moved = await tx
    .updateTable("cursors")
    .set({
      position: to.position,
      done: to.done ? 1 : 0,
      counters: JSON.stringify(to.counters),
    })
    .where("migration_id", "=", id.migrationId)
    .where("name", "=", id.name)
    .where("generation", "=", id.generation)
    .where("fence", "=", fence)
    .executeTakeFirst();
  if (moved.numUpdatedRows !== 1n) throw new FencedError();
}

/** The counters of a walk as it stands, without taking it; empty before it began in this generation. */
export async function readCursor(ledger: Ledger, id: CursorId): Promise<Cursor> {
  const row = await ledger.read((db) =>
    db
      .selectFrom("cursors")
      .selectAll()
      .where("migration_id", "=", id.migrationId)
      .where("name", "=", id.name)
      .where("generation", "=", id.generation)
      .executeTakeFirst(),
  );
  if (row === undefined) return FRESH;
  const counters = JSON.parse(row.counters) as Counters;
  return { position: row.position, done: row.done === 1, counters };
}
