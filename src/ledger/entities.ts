import type { ItemPhase } from "../phases.ts";
import { isOneOf } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";

/** What is to stand at the destination beside people. */
export interface Entity {
  /** `<kind>:<name>`. */
  key: string;
  kind: string;
  /** What it is to be; holds no secret. */
  data: object;
}

export interface StoredEntity {
  key: string;
  kind: string;
  /** JSON. */
  data: string;
}

/** Adds entities, or brings those that are there up to date. Returns the keys that are new. */
export async function upsertEntities(
  tx: Tx,
  migrationId: number,
  phase: ItemPhase,
  entities: readonly Entity[],
): Promise<string[]> {
  if (entities.length === 0) return [];
  const known = new Set(
    (
      await entitiesByKey(
        tx,
        migrationId,
        phase,
        entities.map(({ key }) => key),
      )
    ).keys(),
  );
  await tx
    .insertInto("entities")
    .values(
      entities.map(({ key, kind, data }) => ({
        migration_id: migrationId,
        phase,
        key,
        kind,
        data: JSON.stringify(data),
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(["migration_id", "phase", "key"])
        .doUpdateSet((eb) => ({ data: eb.ref("excluded.data") })),
    )
    .execute();
  return entities.map(({ key }) => key).filter((key) => !known.has(key));
}

export async function entitiesByKey(
  db: Db,
  migrationId: number,
  phase: ItemPhase,
  keys: readonly string[],
): Promise<Map<string, StoredEntity>> {
  const rows = await db
    .selectFrom("entities")
    .select(["key", "kind", "data"])
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .where(isOneOf(db, "key", keys))
    .execute();
  return new Map(rows.map((row) => [row.key, row]));
}

/** How an entity's work item stands. */
export interface EntityState extends StoredEntity {
  ordinal: number;
  state: string;
  code: string | null;
  destinationId: string | null;
}

/** All of a phase's entities of one kind, in order of their work items. */
export async function entityStates(
  db: Db,
  migrationId: number,
  phase: ItemPhase,
  kind: string,
): Promise<EntityState[]> {
  return db
    .selectFrom("entities as e")
    .innerJoin("work_items as w", (join) =>
      join
        .onRef("w.migration_id", "=", "e.migration_id")
        .onRef("w.phase", "=", "e.phase")
        .onRef("w.sub", "=", "e.key"),
    )
    .select([
      "e.key as key",
      "e.kind as kind",
      "e.data as data",
      "w.ordinal as ordinal",
      "w.state as state",
      "w.code as code",
      "w.destination_id as destinationId",
    ])
    .where("e.migration_id", "=", migrationId)
    .where("e.phase", "=", phase)
    .where("e.kind", "=", kind)
    .orderBy("w.ordinal")
    .execute();
}

/** What the destination calls these entities; those that do not stand there are absent. */
export async function destinationIds(
  db: Db,
  migrationId: number,
  phases: readonly ItemPhase[],
  keys: readonly string[],
): Promise<Map<string, string>> {
  const placed = await placedAt(db, migrationId, phases, keys);
  return new Map([...placed].map(([key, { destinationId }]) => [key, destinationId]));
}

export interface Placed {
  destinationId: string;
  /** False for what stood at the destination before. */
  isNew: boolean;
}

export async function placedAt(
  db: Db,
  migrationId: number,
  phases: readonly ItemPhase[],
  keys: readonly string[],
): Promise<Map<string, Placed>> {
  const rows = await db
    .selectFrom("work_items")
    .select(["sub", "destination_id as destinationId", "how"])
    .where("migration_id", "=", migrationId)
    .where("phase", "in", phases)
    .where("state", "=", "done")
    .where(isOneOf(db, "sub", keys))
    .execute();
  const placed = new Map<string, Placed>();
  for (const { sub, destinationId, how } of rows)
    if (destinationId !== null) placed.set(sub, { destinationId, isNew: how === "created" });
  return placed;
}
