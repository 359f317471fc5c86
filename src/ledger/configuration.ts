import type { PoolShape } from "../domain/pool.ts";
import type { Db, Tx } from "./ledger.ts";

/** The pool's set-up as it was read, without secrets. */
export type ConfigurationKind = "pool" | "group" | "provider" | "client" | "resource_server";

const SLICE = 500;

/** Replaces everything of one kind by what was read now. Values become JSON: a `Secret` in them redacts itself. */
export async function replaceConfiguration(
  tx: Tx,
  migrationId: number,
  generation: number,
  kind: ConfigurationKind,
  entries: readonly { name: string; data: object }[],
): Promise<void> {
  await tx
    .deleteFrom("configuration")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .execute();
  for (let from = 0; from < entries.length; from += SLICE)
    await tx
      .insertInto("configuration")
      .values(
        entries.slice(from, from + SLICE).map(({ name, data }) => ({
          migration_id: migrationId,
          kind,
          name,
          generation,
          data: JSON.stringify(data),
        })),
      )
      .execute();
}

/** In order of name. `T` is what the kind was written with. */
export async function readConfiguration<T extends object>(
  db: Db,
  migrationId: number,
  kind: ConfigurationKind,
): Promise<T[]> {
  const rows = await db
    .selectFrom("configuration")
    .select("data")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .orderBy("name")
    .execute();
  // Written by replaceConfiguration only.
  return rows.map((row) => JSON.parse(row.data) as T);
}

/** The pool itself; undefined before a run has read it. */
export async function readPool(db: Db, migrationId: number): Promise<PoolShape | undefined> {
  return (await readConfiguration<PoolShape>(db, migrationId, "pool"))[0];
}
