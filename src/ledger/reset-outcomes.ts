import type { WorkItemState } from "../migration.ts";
import type { ResetCandidate } from "../plan/reset-policy.ts";
import type { Db } from "./ledger.ts";

/** Somebody who was imported, and how their reset mail stands. */
export interface ResetState extends ResetCandidate {
  sub: string;
  /** Of their account at the destination. */
  userId: string | null;
  /** Of the mail; null where none was planned. */
  state: WorkItemState | null;
  code: string | null;
  /** Of the mail, as the destination calls it; no token. */
  resetId: string | null;
  settledAtMs: number | null;
  /** The sign-in bridge brought their password along. */
  moved: boolean;
}

/** A slice of people, and the sub after which the next one begins; null after the last. */
export interface ResetSlice {
  people: ResetState[];
  lastSub: string | null;
}

/** Imported people of every run in order of sub, out of the next `limit` that a run had to do with. */
export async function resetsAfter(
  db: Db,
  migrationId: number,
  afterSub: string,
  limit: number,
): Promise<ResetSlice> {
  const rows = await slice(db, migrationId, afterSub, limit).execute();
  return {
    people: rows
      .filter(({ imported }) => imported === "done")
      .map(({ imported: _, enabled, native, emailVerified, movedAtMs, ...row }) => ({
        ...row,
        enabled: enabled === 1,
        native: native === 1,
        emailVerified: emailVerified === 1,
        moved: movedAtMs !== null,
      })),
    lastSub: rows.at(-1)?.sub ?? null,
  };
}

function slice(db: Db, migrationId: number, afterSub: string, limit: number) {
  return (
    db
      .selectFrom("work_items as w")
      .innerJoin("source_users as u", (join) =>
        join.onRef("u.migration_id", "=", "w.migration_id").onRef("u.sub", "=", "w.sub"),
      )
      .leftJoin("work_items as r", (join) =>
        join
          .onRef("r.migration_id", "=", "w.migration_id")
          .on("r.phase", "=", "resets")
          .onRef("r.sub", "=", "w.sub"),
      )
      .leftJoin("bridge_moves as m", (join) =>
        join.onRef("m.migration_id", "=", "w.migration_id").onRef("m.sub", "=", "w.sub"),
      )
      .select([
        "w.sub as sub",
        "w.state as imported",
        "w.destination_id as userId",
        "w.how as how",
        "u.status as status",
        "u.enabled as enabled",
        "u.native as native",
        "u.email as email",
        "u.email_verified as emailVerified",
        "r.state as state",
        "r.code as code",
        "r.destination_id as resetId",
        "r.settled_at_ms as settledAtMs",
        "m.moved_at_ms as movedAtMs",
      ])
      .where("w.migration_id", "=", migrationId)
      .where("w.phase", "=", "users")
      // Of any state: a statement that looks for imported people alone may go through the whole table.
      .where("w.sub", ">", afterSub)
      .orderBy("w.sub")
      .limit(limit)
  );
}
