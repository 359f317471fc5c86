import { sql } from "kysely";
import { completedReset } from "./bridge.ts";
import { nowMsSql } from "./dialect.ts";
import type { Db } from "./ledger.ts";

/** Most moves end sooner. A mail is not held up for longer: its person has just been told what to do. */
const MOVE_TAKES_MS = 2_000;

/** `move_under_way`: the bridge is setting this person's password, and will know in a moment whether it stands. */
export type WhyNoMail =
  | "moved_by_bridge"
  | "move_under_way"
  | "password_in_doubt"
  | "already_reset"
  | "asked_already";

/** Why somebody with an account needs no reset mail any more; null where they need it. `userId` is the account's. */
export async function whyNoMail(
  db: Db,
  migrationId: number,
  { sub, userId }: { sub: string; userId: string },
): Promise<WhyNoMail | null> {
  const reset = completedReset(db, migrationId, userId);
  const asked = db
    .selectFrom("asked_resets")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .where("mails", ">", 0);
  const { why } = await db
    .selectFrom(sql`(select 1 as one)`.as("somebody"))
    .leftJoin("bridge_moves as m", (join) =>
      join.on("m.migration_id", "=", migrationId).on("m.sub", "=", sub),
    )
    .select(
      sql<WhyNoMail | null>`case
        when m.moved_at_ms is not null then 'moved_by_bridge'
        when m.open_moves > 0 and ${nowMsSql(db)} - m.begun_at_ms <= ${MOVE_TAKES_MS} then 'move_under_way'
        when m.open_moves > 0 then 'password_in_doubt'
        when exists ${reset} then 'already_reset'
        when exists ${asked} then 'asked_already'
      end`.as("why"),
    )
    .executeTakeFirstOrThrow();
  return why;
}
