import type { Db } from "./ledger.ts";

/** When the first and the last user was settled; null before that. */
export interface SettledTimes {
  firstMs: number | null;
  lastMs: number | null;
}

export async function settledTimes(db: Db, migrationId: number): Promise<SettledTimes> {
  const edge = async (direction: "asc" | "desc") => {
    const row = await db
      .selectFrom("work_items")
      .select("settled_at_ms as atMs")
      .where("migration_id", "=", migrationId)
      .where("phase", "=", "users")
      .where("settled_at_ms", "is not", null)
      .orderBy("settled_at_ms", direction)
      .limit(1)
      .executeTakeFirst();
    return row?.atMs ?? null;
  };
  return { firstMs: await edge("asc"), lastMs: await edge("desc") };
}
