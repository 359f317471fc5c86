import { sql } from "kysely";
import type { CompletedReset } from "../destinations/sign-in.ts";
import type { PlacedState } from "../domain/books.ts";
import { MAX_CLUSTER } from "../plan/decide.ts";
import { isOneOf, nowMsSql } from "./dialect.ts";
import type { Db, Ledger, Tx } from "./ledger.ts";
import { IS_LINKED } from "./linked.ts";
import { type Fact, noteStanding, placedAmong } from "./placed.ts";
import { overtake } from "./queue-settlements.ts";
import type { MigrationRow } from "./runs.ts";
import { slicesAfter } from "./slices.ts";
import { type IdentityRow, type SourceUserRow, sourceUsersBySub } from "./source-users.ts";

/** What the sign-in bridge asks and tells. */

export interface BridgeUser extends SourceUserRow {
  /** What stands of them at the destination; null for somebody who was never tried. */
  placed: PlacedState | null;
  /** The account that the import or the bridge gave them; null without one. */
  destinationId: string | null;
}

interface Generation {
  id: number;
  generation: number;
}

/**
 * Everyone with this cluster key; of a cluster that is too large to be decided, no more than show that it is. While a
 * snapshot is under way, people whom it has not come to yet are taken from the one before.
 */
export async function bridgeCluster(
  db: Db,
  migration: Generation,
  clusterKey: string,
): Promise<BridgeUser[]> {
  const users = await db
    .selectFrom("source_users")
    .selectAll()
    .where("migration_id", "=", migration.id)
    .where("cluster_key", "=", clusterKey)
    .where("generation", ">=", oldestGeneration(db, migration))
    .orderBy("sub")
    .limit(MAX_CLUSTER + 1)
    .execute();
  return withPlaced(db, migration, users);
}

/**
 * The same people, and whoever else is linked to them by an identity that both hold, with their clusters: a snapshot gives
 * everybody the key of their own address, and the plan joins them again later. As in the plan, an identity that very many
 * hold links nobody.
 */
export async function withLinked(
  db: Db,
  migration: Generation,
  cluster: readonly BridgeUser[],
): Promise<BridgeUser[]> {
  if (cluster.length === 0 || cluster.length > MAX_CLUSTER) return [...cluster];
  const known = new Set(cluster.map((user) => user.cluster_key));
  const linked = await linkedKeys(
    db,
    migration,
    cluster.map(({ sub }) => sub),
  );
  const all = [...cluster];
  for (const key of linked)
    if (!known.has(key) && all.length <= MAX_CLUSTER) all.push(...(await bridgeCluster(db, migration, key)));
  return all;
}

async function linkedKeys(db: Db, migration: Generation, subs: readonly string[]): Promise<Set<string>> {
  const identities = await db
    .selectFrom("identities")
    .select(["provider", "user_id"])
    .where("migration_id", "=", migration.id)
    .where(isOneOf(db, "sub", subs))
    .limit(MAX_CLUSTER)
    .execute();
  const holders = new Set<string>();
  for (const identity of identities)
    for (const sub of await holdersOf(db, migration, identity)) holders.add(sub);
  if (holders.size === 0) return new Set();
  const users = await db
    .selectFrom("source_users")
    .select("cluster_key")
    .where("migration_id", "=", migration.id)
    .where(isOneOf(db, "sub", [...holders]))
    .where("generation", ">=", oldestGeneration(db, migration))
    .execute();
  return new Set(users.map((user) => user.cluster_key));
}

async function holdersOf(
  db: Db,
  { id }: Generation,
  { provider, user_id }: Omit<IdentityRow, "sub">,
): Promise<string[]> {
  const rows = await db
    .selectFrom("identities")
    .select("sub")
    .where("migration_id", "=", id)
    .where("provider", "=", provider)
    .where("user_id", "=", user_id)
    .limit(MAX_CLUSTER + 1)
    .execute();
  return rows.length > MAX_CLUSTER ? [] : rows.map(({ sub }) => sub);
}

/** Everyone with this (normalised) address, also who is linked to somebody and has the key of theirs. */
export async function bridgePeople(db: Db, migration: Generation, email: string): Promise<BridgeUser[]> {
  const cluster = await bridgeCluster(db, migration, email);
  const linked = await db
    .selectFrom("source_users")
    .selectAll()
    .where("migration_id", "=", migration.id)
    .where("email", "=", email)
    .where(IS_LINKED)
    .where("generation", ">=", oldestGeneration(db, migration))
    .limit(MAX_CLUSTER + 1)
    .execute();
  return [...cluster.filter((user) => user.email === email), ...(await withPlaced(db, migration, linked))];
}

/** Undefined for somebody whom no snapshot listed. `isGone`: the newest one does not list them any more. */
export async function bridgeUser(
  db: Db,
  migration: Generation,
  sub: string,
): Promise<(BridgeUser & { isGone: boolean }) | undefined> {
  const users = await sourceUsersBySub(db, migration.id, [sub]);
  const [user] = await withPlaced(db, migration, [...users.values()]);
  if (user === undefined) return undefined;
  const { oldest } = await db
    .selectNoFrom(oldestGeneration(db, migration).as("oldest"))
    .executeTakeFirstOrThrow();
  return { ...user, isGone: user.generation < oldest };
}

async function withPlaced(
  db: Db,
  { id }: Generation,
  users: readonly SourceUserRow[],
): Promise<BridgeUser[]> {
  const subs = users.map(({ sub }) => sub);
  const placed = await placedAmong(db, id, "user", subs);
  return users.map((user) => {
    const stands = placed.get(user.sub);
    return { ...user, placed: stands?.state ?? null, destinationId: stands?.destinationId ?? null };
  });
}

/** Whoever was listed last before this one is gone from Cognito. */
export function oldestGeneration(db: Db, { id }: Pick<MigrationRow, "id">) {
  const listed = db.selectFrom("migrations").select("listed_generation").where("id", "=", id);
  return sql<number>`coalesce((${listed}), 0)`;
}

/**
 * Whether the plan of the newest run selects this person; false before it came to them. Dry runs count while there was no
 * other.
 */
export async function isSelected(
  db: Db,
  { id, generation, generationInForce }: Pick<MigrationRow, "id" | "generation" | "generationInForce">,
  sub: string,
): Promise<boolean> {
  const row = await db
    .selectFrom("plan")
    .select(["reason", "generation", "selected_generation"])
    .where("migration_id", "=", id)
    .where("sub", "=", sub)
    .executeTakeFirst();
  if (generationInForce !== null) return row?.selected_generation === generationInForce;
  return row?.generation === generation && row.reason !== "not_selected";
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
