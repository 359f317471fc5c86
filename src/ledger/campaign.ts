import { sql } from "kysely";
import type { PlacedHow } from "../domain/books.ts";
import type { ResetCandidate } from "../plan/reset-policy.ts";
import { completedReset } from "./bridge.ts";
import { nowMsSql } from "./dialect.ts";
import { buildIndex } from "./indexes.ts";
import type { Db, Tx } from "./ledger.ts";
import type { RunOfMigration } from "./runs.ts";

/** What the reset campaign asks about people with an account. */

/** Somebody with an account, as the campaign looks at them. */
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
  await buildIndex(
    tx,
    "create index if not exists source_users_created on source_users (migration_id, created_at_ms, sub)",
  );
}

/** People with an account in order of their creation in Cognito, out of the next `limit` after the given place. */
export async function importedByAge(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  order: "asc" | "desc",
  after: CreatedPosition | null,
  limit: number,
): Promise<{ users: ImportedUser[]; last: CreatedPosition | null }> {
  let query = candidates(db, generation)
    .select(["u.created_at_ms as createdAtMs", "u.attributes as attributes"])
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
    users: rows.filter(({ userId }) => userId !== null).map(toCandidate),
    last: last === undefined ? null : { createdAtMs: last.createdAtMs, sub: last.sub },
  };
}

/** Source users, each with their account and whether the plan of this run makes them one. */
function candidates(db: Db, generation: number) {
  return db
    .selectFrom("source_users as u")
    .leftJoin("placed as a", (join) =>
      join
        .onRef("a.migration_id", "=", "u.migration_id")
        .on("a.kind", "=", "user")
        .onRef("a.key", "=", "u.sub")
        .on("a.state", "=", "standing"),
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
      "u.status as status",
      "u.enabled as enabled",
      "u.native as native",
      "u.email as email",
      "u.email_verified as emailVerified",
      "a.how as how",
      "a.destination_id as userId",
      "p.sub as planned",
    ]);
}

interface CandidateRow {
  enabled: 0 | 1;
  native: 0 | 1;
  emailVerified: 0 | 1;
  planned: string | null;
  how: PlacedHow | null;
}

function toCandidate<Row extends CandidateRow>({ planned, enabled, native, emailVerified, ...row }: Row) {
  return {
    ...row,
    isPlanned: planned !== null,
    enabled: enabled === 1,
    native: native === 1,
    emailVerified: emailVerified === 1,
  };
}

/** Somebody with an account, and how their reset mail stands. */
export interface ResetState extends ResetCandidate {
  sub: string;
  isPlanned: boolean;
  /** Of their account at the destination. */
  userId: string | null;
  /** Of the campaign's mail; null where it never came to them. */
  mail: "claimed" | "mailed" | "refused" | "unsettled" | null;
  /** How the work item of this run stands; null without one. */
  state: "pending" | "sending" | "done" | "failed" | "skipped" | null;
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

/** People with an account in order of sub, out of the next `limit` source users. */
export async function resetsAfter(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  afterSub: string,
  limit: number,
): Promise<ResetSlice> {
  const rows = await candidates(db, generation)
    .leftJoin("mails as r", (join) =>
      join
        .onRef("r.migration_id", "=", "u.migration_id")
        .onRef("r.sub", "=", "u.sub")
        .on("r.sender", "=", "campaign"),
    )
    .leftJoin("work_items as w", (join) =>
      join
        .onRef("w.migration_id", "=", "u.migration_id")
        .on("w.generation", "=", generation)
        .on("w.phase", "=", "resets")
        .onRef("w.key", "=", "u.sub"),
    )
    .leftJoin("bridge_moves as m", (join) =>
      join.onRef("m.migration_id", "=", "u.migration_id").onRef("m.sub", "=", "u.sub"),
    )
    .select([
      "r.state as mail",
      "w.state as state",
      sql<string | null>`coalesce(w.code, r.code)`.as("code"),
      "r.mail_id as resetId",
      sql<number | null>`coalesce(r.settled_at_ms, w.settled_at_ms)`.as("settledAtMs"),
      "m.moved_at_ms as movedAtMs",
    ])
    .where("u.migration_id", "=", migrationId)
    .where("u.sub", ">", afterSub)
    .orderBy("u.sub")
    .limit(limit)
    .execute();
  return {
    people: rows
      .filter(({ userId }) => userId !== null)
      .map(({ movedAtMs, ...row }) => ({ ...toCandidate(row), moved: movedAtMs !== null })),
    lastSub: rows.at(-1)?.sub ?? null,
  };
}

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
    .selectFrom("mails")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .where("sender", "=", "bridge")
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
