import { sql } from "kysely";
import { nowMsSql } from "./dialect.ts";
import type { Db } from "./ledger.ts";

/** People who asked the sign-in bridge for a reset mail: the campaign mails none of them again. */

/** A mail is about to go out. */
export async function noteAsked(db: Db, migrationId: number, sub: string): Promise<void> {
  await db
    .insertInto("asked_resets")
    .values({ migration_id: migrationId, sub, asked_at_ms: nowMsSql(db), mails: 1 })
    .onConflict((conflict) =>
      conflict.columns(["migration_id", "sub"]).doUpdateSet({ mails: sql<number>`asked_resets.mails + 1` }),
    )
    .execute();
}

/** A mail that was noted did not go out; others, noted at the same time, may have. */
export async function takeBackAsked(db: Db, migrationId: number, sub: string): Promise<void> {
  await db
    .updateTable("asked_resets")
    .set({ mails: sql<number>`mails - 1` })
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .execute();
}
