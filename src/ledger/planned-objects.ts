import { sql } from "kysely";
import type { PlacedKind, PlacedState } from "../domain/books.ts";
import type { WorkItemState } from "../domain/outcomes.ts";
import type { ItemPhase } from "../domain/phases.ts";
import type { PlannedObject } from "../domain/records.ts";
import { fingerprintOf } from "../plan/fingerprint.ts";
import { membershipKeysOf } from "../plan/keys.ts";
import { isOneOf, listedRows } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { type PlacedKey, placedAmong } from "./placed.ts";
import { type ItemStanding, itemsAmong } from "./queue-questions.ts";
import type { RunOfMigration } from "./runs.ts";
import type { PlannedObjectTable } from "./schema.ts";
import { slicesAfter } from "./slices.ts";

/** What is to stand beside people: organizations, roles, memberships, connections, redirect URIs, applications. */

const PLANNED = { kind: "text", key: "text", data: "text", fingerprint: "text" };

/** Bounds one statement: people may be in a hundred groups each. */
const SLICE_OBJECTS = 2_000;

/** Writes objects of the plan of this run; a plan of a later one is not overwritten. */
export async function writePlannedObjects(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  phase: ItemPhase,
  objects: readonly PlannedObject[],
): Promise<void> {
  const rows = objects.map(({ kind, key, data }) => ({
    kind,
    key,
    data: JSON.stringify(data),
    fingerprint: fingerprintOf(data),
  }));
  for (let from = 0; from < rows.length; from += SLICE_OBJECTS)
    await sql`
      insert into planned_objects (migration_id, kind, key, phase, data, fingerprint, generation)
      select cast(${migrationId} as integer), kind, key, cast(${phase} as text), data, fingerprint,
        cast(${generation} as integer)
      from ${listedRows(tx, PLANNED, rows.slice(from, from + SLICE_OBJECTS))} where true
      on conflict (migration_id, kind, key) do update set
        phase = excluded.phase, data = excluded.data, fingerprint = excluded.fingerprint,
        generation = excluded.generation
        where planned_objects.generation <= excluded.generation`.execute(tx);
}

/** Which of these keys the plan of this run has already. */
export async function plannedAmong(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  kind: PlacedKind,
  keys: readonly string[],
): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await db
    .selectFrom("planned_objects")
    .select("key")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where("generation", "=", generation)
    .where(isOneOf(db, "key", keys))
    .execute();
  return new Set(rows.map((row) => row.key));
}

/** What this was to be by the newest plan that had it, as JSON. */
export async function lastPlanned(db: Db, migrationId: number, { kind, key }: PlacedKey): Promise<string> {
  const row = await db
    .selectFrom("planned_objects")
    .select("data")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where("key", "=", key)
    .executeTakeFirst();
  if (row === undefined) throw new Error(`No plan ever had the ${kind} ${key}.`);
  return row.data;
}

/** The same of many, by key; what no plan ever had is absent. */
export async function lastPlannedAmong(
  db: Db,
  migrationId: number,
  kind: PlacedKind,
  keys: readonly string[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .selectFrom("planned_objects")
    .select(["key", "data"])
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where(isOneOf(db, "key", keys))
    .execute();
  return new Map(rows.map(({ key, data }) => [key, data]));
}

/** A planned object, how its work item stands, and what stands at the destination. */
export interface ObjectState {
  key: string;
  /** JSON. */
  data: string;
  fingerprint: string;
  /** True if the plan of this run has it. */
  isPlanned: boolean;
  /** Of the work item of this run; null without one. */
  state: WorkItemState | null;
  code: string | null;
  placed: PlacedState | null;
  destinationId: string | null;
  /** JSON of what the destination answered beside the id; null without. */
  details: string | null;
}

/** Objects of one kind, of this plan and of earlier ones, in order of key, after the given one. */
export async function objectsAfter(
  db: Db,
  run: RunOfMigration,
  kind: PlacedKind,
  afterKey: string,
  limit: number,
): Promise<ObjectState[]> {
  const next = objectsOf(db, run, kind).where("key", ">", afterKey).limit(limit);
  return statesOf(db, run, kind, await next.execute());
}

/** The memberships of an account, of this plan and of earlier ones. */
export async function membershipsOfPerson(db: Db, run: RunOfMigration, sub: string): Promise<ObjectState[]> {
  const { from, below } = membershipKeysOf(sub);
  const own = objectsOf(db, run, "membership").where("key", ">=", from).where("key", "<", below);
  return statesOf(db, run, "membership", await own.execute());
}

type ObjectRow = Pick<PlannedObjectTable, "key" | "data" | "fingerprint" | "generation" | "phase">;

function objectsOf(db: Db, { migrationId }: RunOfMigration, kind: PlacedKind) {
  return db
    .selectFrom("planned_objects")
    .select(["key", "data", "fingerprint", "generation", "phase"])
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .orderBy("key");
}

async function statesOf(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  kind: PlacedKind,
  rows: readonly ObjectRow[],
): Promise<ObjectState[]> {
  const placed = await placedAmong(
    db,
    migrationId,
    kind,
    rows.map(({ key }) => key),
  );
  const items = new Map<string, ItemStanding>();
  for (const [phase, same] of Map.groupBy(rows, (row) => row.phase)) {
    const keys = same.map(({ key }) => key);
    for (const item of await itemsAmong(db, { migrationId, generation }, phase, kind, keys))
      items.set(...item);
  }
  return rows.map(({ key, data, fingerprint, generation: of }) => {
    const { state = null, code = null } = items.get(key) ?? {};
    const stands = placed.get(key);
    return {
      ...{ key, data, fingerprint, isPlanned: of === generation, state, code },
      placed: stands?.state ?? null,
      destinationId: stands?.destinationId ?? null,
      details: stands?.details ?? null,
    };
  });
}

const SLICE = 1_000;

/** All that the plan of this run has of one kind, in order of key: for kinds of which there are few. */
export async function plannedObjects(
  db: Db,
  run: RunOfMigration,
  kind: Exclude<PlacedKind, "user" | "membership">,
): Promise<ObjectState[]> {
  const all: ObjectState[] = [];
  const slices = slicesAfter(
    "",
    ({ key }: ObjectState) => key,
    (after) => objectsAfter(db, run, kind, after, SLICE),
  );
  for await (const slice of slices) all.push(...slice.filter(({ isPlanned }) => isPlanned));
  return all;
}
