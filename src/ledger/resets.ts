import { sql } from "kysely";
import type { ResetCandidate } from "../plan/reset-policy.ts";
import type { Db, Tx } from "./ledger.ts";

/** Somebody who was imported, as the campaign looks at them. */
export interface ImportedUser extends ResetCandidate {
  sub: string;
  /** By the plan of this run; not somebody who is gone from Cognito since, or whom a pilot leaves out. */
  isPlanned: boolean;
  createdAtMs: number;
  /** JSON object of the source attributes. */
  attributes: string;
}

export interface CreatedPosition {
  createdAtMs: number;
  sub: string;
}

/** Makes the index by which people are walked in order of their age, unless it is there. */
export async function indexAges(tx: Tx): Promise<void> {
  // One at a time: PostgreSQL fails when two make it at once.
  await sql`update ledger_identity set id = id`.execute(tx);
  await sql`create index if not exists source_users_created on source_users (migration_id, created_at_ms, sub)`.execute(
    tx,
  );
}

/** Imported people in order of their creation in Cognito, after the given place. */
export async function importedByAge(
  db: Db,
  { migrationId, generation }: { migrationId: number; generation: number },
  order: "asc" | "desc",
  after: CreatedPosition | null,
  limit: number,
): Promise<{ users: ImportedUser[]; last: CreatedPosition | null }> {
  let query = db
    .selectFrom("source_users as u")
    .leftJoin("work_items as w", (join) =>
      join
        .onRef("w.migration_id", "=", "u.migration_id")
        .onRef("w.sub", "=", "u.sub")
        .on("w.phase", "=", "users")
        .on("w.state", "=", "done"),
    )
    .leftJoin("plan as p", (join) =>
      join
        .onRef("p.migration_id", "=", "u.migration_id")
        .onRef("p.sub", "=", "u.sub")
        .on("p.generation", "=", generation)
        .on("p.action", "=", "create"),
    )
    .select([
      "u.sub as sub",
      "u.created_at_ms as createdAtMs",
      "u.status as status",
      "u.enabled as enabled",
      "u.native as native",
      "u.email as email",
      "u.email_verified as emailVerified",
      "u.attributes as attributes",
      "w.how as how",
      "w.ordinal as imported",
      "p.sub as planned",
    ])
    .where("u.migration_id", "=", migrationId)
    .orderBy("u.created_at_ms", order)
    .orderBy("u.sub", order)
    .limit(limit);
  if (after !== null) {
    const { createdAtMs, sub } = after;
    query = query.where(
      order === "asc"
        ? sql<boolean>`(u.created_at_ms, u.sub) > (${createdAtMs}, ${sub})`
        : sql<boolean>`(u.created_at_ms, u.sub) < (${createdAtMs}, ${sub})`,
    );
  }
  const rows = await query.execute();
  const last = rows.at(-1);
  return {
    users: rows
      .filter((row) => row.imported !== null)
      .map(({ imported: _, planned, enabled, native, emailVerified, ...row }) => ({
        ...row,
        isPlanned: planned !== null,
        enabled: enabled === 1,
        native: native === 1,
        emailVerified: emailVerified === 1,
      })),
    last: last === undefined ? null : { createdAtMs: last.createdAtMs, sub: last.sub },
  };
}

/** The reset items of these people, from this run or an earlier one: whether a mail is still to come, for certain. */
export async function resetItemsAmong(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Map<string, { isUntouched: boolean }>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("work_items")
    .select(["sub", "state", "in_doubt as inDoubt"])
    .where("migration_id", "=", migrationId)
    .where("phase", "=", "resets")
    .where("sub", "in", subs)
    .execute();
  return new Map(
    rows.map(({ sub, state, inDoubt }) => [sub, { isUntouched: state === "pending" && inDoubt === 0 }]),
  );
}

/** The smallest ordinal of the phase that is open; null when nothing is. */
export async function firstOpenReset(db: Db, migrationId: number): Promise<number | null> {
  const row = await db
    .selectFrom("work_items")
    .select("ordinal")
    .where("migration_id", "=", migrationId)
    .where("phase", "=", "resets")
    .where(sql<boolean>`state in ('pending', 'sending')`)
    .orderBy("ordinal")
    .limit(1)
    .executeTakeFirst();
  return row?.ordinal ?? null;
}

/** Mails that went out, or may have, since then: what counts against a daily cap. */
export async function mailsSince(db: Db, migrationId: number, sinceMs: number): Promise<number> {
  const row = await db
    .selectFrom("work_items")
    .select(sql<number>`cast(count(*) as integer)`.as("mails"))
    .where("migration_id", "=", migrationId)
    .where("phase", "=", "resets")
    .where("settled_at_ms", ">=", sinceMs)
    .where((eb) => eb.or([eb("state", "=", "done"), eb("code", "=", "unsettled")]))
    .executeTakeFirst();
  return row?.mails ?? 0;
}
