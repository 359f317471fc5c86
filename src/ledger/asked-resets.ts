import { nowMsSql } from "./dialect.ts";
import type { Db } from "./ledger.ts";

/** People who asked the sign-in bridge for a reset mail: the campaign mails none of them again. */

/** The mail is about to go out. False for somebody who asked before. */
export async function noteAsked(db: Db, migrationId: number, sub: string): Promise<boolean> {
  const noted = await db
    .insertInto("asked_resets")
    .values({ migration_id: migrationId, sub, asked_at_ms: nowMsSql(db) })
    .onConflict((conflict) => conflict.columns(["migration_id", "sub"]).doNothing())
    .executeTakeFirst();
  return noted.numInsertedOrUpdatedRows === 1n;
}

/** No mail went out. */
export async function takeBackAsked(db: Db, migrationId: number, sub: string): Promise<void> {
  await db
    .deleteFrom("asked_resets")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .execute();
}
