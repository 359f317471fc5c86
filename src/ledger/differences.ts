import { sql } from "kysely";
import type { PlacedKind } from "../domain/books.ts";
import { membershipKeysOf } from "../plan/keys.ts";
import { listedRows } from "./dialect.ts";
import type { Db, Ledger, Tx } from "./ledger.ts";
import type { RunOfMigration } from "./runs.ts";
import { slicesAfter } from "./slices.ts";

/** Where the destination does not hold what was written, as the newest verify phase found it. */

/** `surplus`: it is there, and nobody here made it. `unreadable`: nobody knows how it is. */
export type DifferenceKind = "missing" | "surplus" | "differs" | "unreadable";

export interface FoundDifference {
  kind: PlacedKind;
  /** As in the book of what stands; of a stranger's membership their id at the destination and the organization. */
  key: string;
  difference: DifferenceKind;
  /** Empty where the whole thing is meant. Of a list, which of it is missing or surplus: `redirect_uri https://…`. */
  field: string;
}

const DIFFERENCE = { kind: "text", key: "text", difference: "text", field: "text" };

/** Found once more by the same run, it stays one row; returns those that it had not found before. */
export async function noteDifferences(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  found: readonly FoundDifference[],
): Promise<FoundDifference[]> {
  if (found.length === 0) return [];
  const rows = found.map(({ kind, key, difference, field }) => ({ kind, key, difference, field }));
  const noted = await sql<FoundDifference>`
    insert into differences (migration_id, kind, key, difference, field, generation)
    select distinct cast(${migrationId} as integer), kind, key, difference, field, cast(${generation} as integer)
    from ${listedRows(tx, DIFFERENCE, rows)} where true
    on conflict (migration_id, kind, key, difference, field) do update set generation = excluded.generation
      where differences.generation <> excluded.generation
    returning kind, key, difference, field`.execute(tx);
  return noted.rows;
}

/** Some of what this run found counts as found before it; returns how many. */
export async function ageDifferences(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  atMost: number,
): Promise<number> {
  const { rows } = await sql<FoundDifference>`
    select kind, key, difference, field from differences
    where migration_id = ${migrationId} and generation = ${generation} limit ${atMost}`.execute(tx);
  if (rows.length > 0)
    await sql`
      update differences set generation = ${generation - 1}
      where migration_id = ${migrationId} and (kind, key, difference, field) in
        (select kind, key, difference, field from ${listedRows(tx, DIFFERENCE, rows)})`.execute(tx);
  return rows.length;
}

/** Takes some that an earlier run found away; returns how many. */
export async function dropEarlierDifferences(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  atMost: number,
): Promise<number> {
  const { rows } = await sql<FoundDifference>`
    select kind, key, difference, field from differences
    where migration_id = ${migrationId} and generation < ${generation} limit ${atMost}`.execute(tx);
  if (rows.length > 0)
    await sql`
      delete from differences where migration_id = ${migrationId} and (kind, key, difference, field) in
        (select kind, key, difference, field from ${listedRows(tx, DIFFERENCE, rows)})`.execute(tx);
  return rows.length;
}

/** Of one person: their account, then their memberships. */
export async function differencesOfPerson(
  db: Db,
  migrationId: number,
  sub: string,
): Promise<FoundDifference[]> {
  const found = () =>
    db
      .selectFrom("differences")
      .select(["kind", "key", "difference", "field"])
      .where("migration_id", "=", migrationId);
  const { from, below } = membershipKeysOf(sub);
  const account = found().where("kind", "=", "user").where("key", "=", sub);
  const memberships = found()
    .where("kind", "=", "membership")
    .where("key", ">=", from)
    .where("key", "<", below)
    .orderBy("key");
  return [...(await account.execute()), ...(await memberships.execute())];
}

/** In order, after the given one; from the first one for null. */
function differencesAfter(
  db: Db,
  migrationId: number,
  after: FoundDifference | null,
  limit: number,
): Promise<FoundDifference[]> {
  return db
    .selectFrom("differences")
    .select(["kind", "key", "difference", "field"])
    .where("migration_id", "=", migrationId)
    .$if(after !== null, (query) =>
      query.where(
        sql<boolean>`(kind, key, difference, field) > (${after?.kind}, ${after?.key}, ${after?.difference}, ${after?.field})`,
      ),
    )
    .orderBy("kind")
    .orderBy("key")
    .orderBy("difference")
    .orderBy("field")
    .limit(limit)
    .execute();
}

const SLICE = 1_000;

/** All of them, in order. */
export function differenceSlices(
  ledger: Ledger,
  migrationId: number,
): AsyncGenerator<readonly FoundDifference[]> {
  return slicesAfter<FoundDifference, FoundDifference | null>(
    null,
    (found) => found,
    (after) => ledger.read((db) => differencesAfter(db, migrationId, after, SLICE)),
  );
}

export async function countDifferences(ledger: Ledger, migrationId: number): Promise<number> {
  let count = 0;
  for await (const slice of differenceSlices(ledger, migrationId)) count += slice.length;
  return count;
}
