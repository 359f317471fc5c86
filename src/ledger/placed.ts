import { sql } from "kysely";
import type { PlacedHow, PlacedKind, PlacedState } from "../domain/books.ts";
import type { DestinationUser } from "../domain/records.ts";
import { isOneOf, listedRows, nowMsSql } from "./dialect.ts";
import type { Db, Ledger, Tx } from "./ledger.ts";
import type { RunOfMigration } from "./runs.ts";
import { slicesAfter } from "./slices.ts";

/** What stands at the destination, as far as anybody knows: the one book that says so. */

export interface Placed {
  kind: PlacedKind;
  key: string;
  state: PlacedState;
  destinationId: string | null;
  how: PlacedHow | null;
  fingerprint: string | null;
  /** JSON. */
  details: string | null;
  firstClaimedAtMs: number;
  writtenAtMs: number | null;
  /** The newest run whose verify phase saw it. */
  seenGeneration: number | null;
}

export interface PlacedKey {
  kind: PlacedKind;
  key: string;
}

/** Something that is known to stand from now on. */
export interface Fact extends PlacedKey {
  destinationId: string;
  how: PlacedHow;
  /** Null where nothing was written. */
  fingerprint: string | null;
  /** What the destination answered beside the id, without secrets. */
  details: object | null;
  firstClaimedAtMs: number;
}

/** Something that a call may have made. */
export interface Doubt extends PlacedKey {
  firstClaimedAtMs: number;
}

/** By key; what never was tried is absent. */
export async function placedAmong(
  db: Db,
  migrationId: number,
  kind: PlacedKind,
  keys: readonly string[],
): Promise<Map<string, Placed>> {
  if (keys.length === 0) return new Map();
  const rows = await placedRows(db, migrationId, kind)
    .where(isOneOf(db, "key", keys))
    .execute();
  return new Map(rows.map((row) => [row.key, row]));
}

/** Of one kind, in order of key, after the given one. */
export function placedAfter(
  db: Db,
  migrationId: number,
  kind: PlacedKind,
  afterKey: string,
  limit: number,
): Promise<Placed[]> {
  return placedRows(db, migrationId, kind).where("key", ">", afterKey).orderBy("key").limit(limit).execute();
}

const COUNTED_SLICE = 10_000;

/** How many of a kind stand, counted in slices. */
export async function countStanding(ledger: Ledger, migrationId: number, kind: PlacedKind): Promise<number> {
  let count = 0;
  const slices = slicesAfter(
    "",
    ({ key }: Placed) => key,
    (after) => ledger.read((db) => placedAfter(db, migrationId, kind, after, COUNTED_SLICE)),
  );
  for await (const slice of slices) count += slice.filter(({ state }) => state === "standing").length;
  return count;
}

/** What the destination calls these; what does not stand there is absent. */
export async function standingIds(
  db: Db,
  migrationId: number,
  kind: PlacedKind,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const placed = await placedAmong(db, migrationId, kind, keys);
  return new Map(
    [...placed.values()].flatMap(({ key, state, destinationId }) =>
      state === "standing" && destinationId !== null ? [[key, destinationId]] : [],
    ),
  );
}

function placedRows(db: Db, migrationId: number, kind: PlacedKind) {
  return db
    .selectFrom("placed")
    .select([
      "kind",
      "key",
      "state",
      "destination_id as destinationId",
      "how",
      "fingerprint",
      "details",
      "first_claimed_at_ms as firstClaimedAtMs",
      "written_at_ms as writtenAtMs",
      "seen_generation as seenGeneration",
    ])
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind);
}

const FACT = {
  kind: "text",
  key: "text",
  destination_id: "text",
  how: "text",
  fingerprint: "text",
  details: "text",
  first_claimed_at_ms: "bigint",
};

/**
 * Notes that these stand. Who made something that was adopted, or is known to be created, is not forgotten by finding it
 * once more; its first claim and its before-image stay.
 */
export async function noteStanding(tx: Tx, migrationId: number, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return;
  const rows = facts.map(({ destinationId, details, firstClaimedAtMs, ...same }) => ({
    kind: same.kind,
    key: same.key,
    destination_id: destinationId,
    how: same.how,
    fingerprint: same.fingerprint,
    details: details === null ? null : JSON.stringify(details),
    first_claimed_at_ms: firstClaimedAtMs,
  }));
  await sql`
    insert into placed (migration_id, kind, key, state, destination_id, how, fingerprint, details,
      first_claimed_at_ms, written_at_ms)
    select cast(${migrationId} as integer), kind, key, 'standing', destination_id, how, fingerprint, details,
      first_claimed_at_ms, case when fingerprint is null then null else ${nowMsSql(tx)} end
    from ${listedRows(tx, FACT, rows)} where true
    on conflict (migration_id, kind, key) do update set
      state = 'standing', destination_id = excluded.destination_id, doubted_id = null, doubted_at_ms = null,
      how = case
        when placed.before_image is not null or placed.how = 'adopted' then 'adopted'
        when excluded.how = 'already_there' then coalesce(placed.how, excluded.how)
        else excluded.how end,
      fingerprint = coalesce(excluded.fingerprint, placed.fingerprint),
      details = coalesce(excluded.details, placed.details),
      written_at_ms = coalesce(excluded.written_at_ms, placed.written_at_ms)`.execute(tx);
}

const DOUBT = { kind: "text", key: "text", first_claimed_at_ms: "bigint" };

/** Notes that these may stand; what is known to stand, or to be removed, stays so. */
export async function noteDoubts(tx: Tx, migrationId: number, doubts: readonly Doubt[]): Promise<void> {
  if (doubts.length === 0) return;
  const rows = doubts.map(({ kind, key, firstClaimedAtMs }) => ({
    kind,
    key,
    first_claimed_at_ms: firstClaimedAtMs,
  }));
  await sql`
    insert into placed (migration_id, kind, key, state, first_claimed_at_ms)
    select cast(${migrationId} as integer), kind, key, 'in_doubt', first_claimed_at_ms
    from ${listedRows(tx, DOUBT, rows)} where true
    on conflict (migration_id, kind, key) do nothing`.execute(tx);
}

/** A look-up after every call said that these do not stand: nothing of them is left to doubt. */
export async function dropDoubts(tx: Tx, migrationId: number, keys: readonly PlacedKey[]): Promise<void> {
  for (const [kind, same] of Map.groupBy(keys, (one) => one.kind))
    await tx
      .deleteFrom("placed")
      .where("migration_id", "=", migrationId)
      .where("kind", "=", kind)
      .where("state", "=", "in_doubt")
      .where(
        isOneOf(
          tx,
          "key",
          same.map(({ key }) => key),
        ),
      )
      .execute();
}

/**
 * Keeps what stands at the destination right before an account is adopted, which has no key of ours then. Nothing came of an
 * adoption before that: what its owner wrote since is theirs as well. Of one that stands the first image stays.
 */
export async function keepBeforeImage(
  tx: Tx,
  migrationId: number,
  sub: string,
  image: DestinationUser,
): Promise<void> {
  await tx
    .insertInto("placed")
    .values({
      migration_id: migrationId,
      kind: "user",
      key: sub,
      state: "in_doubt",
      // Whatever becomes of the call: an account that was there before is nobody's to remove.
      how: "adopted",
      first_claimed_at_ms: nowMsSql(tx),
      before_image: JSON.stringify(image),
    })
    .onConflict((conflict) =>
      conflict
        .columns(["migration_id", "kind", "key"])
        .doUpdateSet((eb) => ({ how: "adopted", before_image: eb.ref("excluded.before_image") }))
        .where((eb) => eb.or([eb("placed.before_image", "is", null), eb("placed.state", "!=", "standing")])),
    )
    .execute();
}

/** The verify phase found these: whatever was said of them before, they stand. Returns those that were taken for removed. */
export async function noteSeen(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  kind: PlacedKind,
  keys: readonly string[],
): Promise<string[]> {
  if (keys.length === 0) return [];
  const removed = await tx
    .selectFrom("placed")
    .select("key")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where("state", "=", "removed")
    .where(isOneOf(tx, "key", keys))
    .execute();
  await tx
    .updateTable("placed")
    .set({ seen_generation: generation, state: "standing" })
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where("state", "!=", "in_doubt")
    .where(isOneOf(tx, "key", keys))
    .execute();
  return removed.map((row) => row.key);
}

/**
 * What stood is gone, and somebody made it anew, with our key: it stands under this id from now on, and nothing of it was
 * written here.
 */
export async function noteMadeAnew(
  tx: Tx,
  migrationId: number,
  { kind, key }: PlacedKey,
  destinationId: string,
  details: object | null = null,
): Promise<void> {
  const answered = details === null ? {} : { details: JSON.stringify(details) };
  await tx
    .updateTable("placed")
    .set({ destination_id: destinationId, how: "already_there", fingerprint: null, ...answered })
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where("key", "=", key)
    .where("state", "!=", "in_doubt")
    .where("destination_id", "!=", destinationId)
    .execute();
}

/** Stood, and somebody removed it at the destination: no run makes it again. False where that was known. */
export async function noteRemoved(
  tx: Tx,
  migrationId: number,
  kind: PlacedKind,
  key: string,
): Promise<boolean> {
  const removed = await tx
    .updateTable("placed")
    .set({ state: "removed" })
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where("key", "=", key)
    .where("state", "=", "standing")
    .executeTakeFirst();
  return removed.numUpdatedRows === 1n;
}
