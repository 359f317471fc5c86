import type { DestinationUser } from "../destinations/destination.ts";
import type { Db, Tx } from "./ledger.ts";

/** Keeps what stood at the destination before an account was adopted; the first image stays. */
export async function keepBeforeImage(
  tx: Tx,
  migrationId: number,
  sub: string,
  image: DestinationUser,
): Promise<void> {
  await tx
    .insertInto("before_images")
    .values({ migration_id: migrationId, sub, destination_id: image.id, image: JSON.stringify(image) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Which of these people's accounts were there before and were adopted. */
export async function adoptedAmong(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Set<string>> {
  if (subs.length === 0) return new Set();
  const rows = await db
    .selectFrom("before_images")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("sub", "in", subs)
    .execute();
  return new Set(rows.map((row) => row.sub));
}
