import { sql } from "kysely";
import { BRIDGE_TAKES_MS } from "../domain/bridge-time.ts";
import type { ResetCandidate } from "../plan/reset-policy.ts";
import type { ResetState } from "../plan/reset-standing.ts";
import { movedAmong } from "./bridge.ts";
import { CLOCK_CORRECTION_MS, isOneOf, nowMsSql } from "./dialect.ts";
import { buildIndex } from "./indexes.ts";
import type { Db, Tx } from "./ledger.ts";
import { campaignMails } from "./mails.ts";
import { type Placed, placedAmong } from "./placed.ts";
import { decisionsAmong } from "./plan.ts";
import { provenAmong } from "./proofs.ts";
import { itemsAmong } from "./queue-questions.ts";
import { completedReset } from "./reset-events.ts";
import type { RunOfMigration } from "./runs.ts";
import { providersAmong, type SourceUserRow, sourceUsersBySub } from "./source-users.ts";

/** What the reset campaign asks about people with an account. */

interface Candidate extends ResetCandidate {
  sub: string;
  /** By the plan of this run; not somebody who is gone from Cognito since, or whom a pilot leaves out. */
  isPlanned: boolean;
  /** Of their account at the destination. */
  userId: string | null;
}

/** Somebody with an account, as the campaign looks at them. */
export interface ImportedUser extends Candidate {
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
  run: RunOfMigration,
  order: "asc" | "desc",
  after: CreatedPosition | null,
  limit: number,
): Promise<{ users: ImportedUser[]; last: CreatedPosition | null }> {
  let query = db
    .selectFrom("source_users")
    .select([...JUDGED, "created_at_ms", "attributes"])
    .where("migration_id", "=", run.migrationId)
    .orderBy("created_at_ms", order)
    .orderBy("sub", order)
    .limit(limit);
  if (after !== null) {
    const { createdAtMs, sub } = after;
    query = query.where(
      order === "asc"
        ? sql<boolean>`(created_at_ms, sub) > (${createdAtMs}, ${sub})`
        : sql<boolean>`(created_at_ms, sub) < (${createdAtMs}, ${sub})`,
    );
  }
  const rows = await query.execute();
  const last = rows.at(-1);
  const candidates = await candidatesAmong(db, run, rows);
  return {
    users: candidates.map(({ row, candidate }) => ({
      ...candidate,
      createdAtMs: row.created_at_ms,
      attributes: row.attributes,
    })),
    last: last === undefined ? null : { createdAtMs: last.created_at_ms, sub: last.sub },
  };
}

const JUDGED = ["sub", "status", "enabled", "native", "email", "email_verified"] as const;
type JudgedRow = Pick<SourceUserRow, (typeof JUDGED)[number]>;

/** By a plan also an account that a run would make. */
function stands(account: Placed | undefined, isToCome: boolean): boolean {
  return account?.state === "standing" || (isToCome && account?.state !== "removed");
}

/** Those of these people who have an account, and whether the plan of this run makes them one; of a plan, also who would. */
async function candidatesAmong<Row extends JudgedRow>(
  db: Db,
  run: RunOfMigration,
  rows: readonly Row[],
  isPlan = false,
): Promise<{ row: Row; candidate: Candidate }[]> {
  const subs = rows.map(({ sub }) => sub);
  const placed = await placedAmong(db, run.migrationId, "user", subs);
  const decisions = await decisionsAmong(db, run, subs);
  return rows.flatMap((row) => {
    const account = placed.get(row.sub);
    const isPlanned = decisions.get(row.sub)?.action === "create";
    if (!stands(account, isPlan && isPlanned)) return [];
    const candidate = {
      ...judgedOf(row),
      how: account?.how ?? ("created" as const),
      userId: account?.destinationId ?? null,
      isPlanned,
    };
    return [{ row, candidate }];
  });
}

/** A slice of people with an account, or merged into one, and the sub after which the next one begins; null after the last. */
export interface ResetSlice {
  people: ResetState[];
  lastSub: string | null;
}

/** People with an account in order of sub, out of the next `limit` source users; of a plan, also those whom a run would give one. */
export async function resetsAfter(
  db: Db,
  run: RunOfMigration,
  afterSub: string,
  limit: number,
  isPlan: boolean,
): Promise<ResetSlice> {
  const rows = await db
    .selectFrom("source_users")
    .select(JUDGED)
    .where("migration_id", "=", run.migrationId)
    .where("sub", ">", afterSub)
    .orderBy("sub")
    .limit(limit)
    .execute();
  return { people: await resetStates(db, run, rows, isPlan), lastSub: rows.at(-1)?.sub ?? null };
}

/** The same of these people, by sub; whoever has to do with no campaign is absent. */
export async function resetStatesOf(
  db: Db,
  run: RunOfMigration,
  subs: readonly string[],
): Promise<Map<string, ResetState>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("source_users")
    .select(JUDGED)
    .where("migration_id", "=", run.migrationId)
    .where(isOneOf(db, "sub", subs))
    .execute();
  const states = await resetStates(db, run, rows);
  return new Map(states.map((state) => [state.sub, state]));
}

async function resetStates(
  db: Db,
  run: RunOfMigration,
  rows: readonly JudgedRow[],
  isPlan = false,
): Promise<ResetState[]> {
  const { migrationId } = run;
  const own = (await candidatesAmong(db, run, rows, isPlan)).map(({ candidate }) => candidate);
  const merged = await mergedIntoFederated(db, run, rows, isPlan);
  const candidates = [...own, ...merged].sort((a, b) => (a.sub < b.sub ? -1 : 1));
  const mergedSubs = new Set(merged.map(({ sub }) => sub));
  const subs = candidates.map(({ sub }) => sub);
  const mails = await campaignMails(db, migrationId, subs);
  const items = await itemsAmong(db, run, "resets", "user", subs);
  const moved = await movedAmong(db, migrationId, subs);
  const proven = await provenAmong(db, migrationId, subs);
  const providers = await providersAmong(db, migrationId, withoutPassword(candidates));
  return candidates.map((candidate) => {
    const mail = mails.get(candidate.sub);
    const item = items.get(candidate.sub);
    return {
      ...candidate,
      mail: mail?.state ?? null,
      state: item?.state ?? null,
      code: item?.code ?? mail?.code ?? null,
      resetId: mail?.mailId ?? null,
      settledAtMs: mail?.settledAtMs ?? item?.settledAtMs ?? null,
      isMergedIntoFederated: mergedSubs.has(candidate.sub),
      providers: providers.get(candidate.sub) ?? [],
      moved: moved.has(candidate.sub),
      proven: proven.has(candidate.sub),
    };
  });
}

function withoutPassword(people: readonly { sub: string; native: boolean }[]): string[] {
  return people.filter(({ native }) => !native).map(({ sub }) => sub);
}

/** People with a password for whom an account stands that has none, and so gets no mail. */
async function mergedIntoFederated(
  db: Db,
  run: RunOfMigration,
  rows: readonly JudgedRow[],
  isPlan: boolean,
): Promise<Candidate[]> {
  const native = rows.filter((row) => row.native === 1);
  const decisions = await decisionsAmong(
    db,
    run,
    native.map(({ sub }) => sub),
  );
  const into = [...decisions.values()].flatMap(({ mergeInto }) => mergeInto ?? []);
  const sources = await sourceUsersBySub(db, run.migrationId, into);
  const placed = await placedAmong(db, run.migrationId, "user", into);
  return native.flatMap((row) => {
    const other = decisions.get(row.sub)?.mergeInto ?? "";
    const account = placed.get(other);
    if (!stands(account, isPlan) || sources.get(other)?.native !== 0) return [];
    return [{ ...judgedOf(row), how: "created", userId: account?.destinationId ?? null, isPlanned: true }];
  });
}

function judgedOf({ sub, status, enabled, native, email, email_verified }: JudgedRow) {
  return {
    ...{ sub, status, email },
    enabled: enabled === 1,
    native: native === 1,
    emailVerified: email_verified === 1,
  };
}

/**
 * `move_under_way`: the bridge is setting this person's password, and will know in a moment whether it stands;
 * `ask_under_way`: it is mailing them, and will know whether the mail went out.
 */
export type WhyNoMail =
  | "moved_by_bridge"
  | "move_under_way"
  | "password_in_doubt"
  | "proven_by_bridge"
  | "already_reset"
  | "asked_already"
  | "ask_under_way";

/** Why somebody with an account needs no reset mail any more; null where they need it. `userId` is the account's. */
export async function whyNoMail(
  db: Db,
  migrationId: number,
  { sub, userId }: { sub: string; userId: string },
): Promise<WhyNoMail | null> {
  const reset = completedReset(db, migrationId, userId);
  const isWithin = (column: string, takesMs: number) =>
    sql<boolean>`${sql.ref(column)} between ${nowMsSql(db)} - ${sql.lit(takesMs)}
      and ${nowMsSql(db)} + ${sql.lit(CLOCK_CORRECTION_MS)}`;
  const proven = db
    .selectFrom("bridge_proofs")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub);
  const { why } = await db
    .selectFrom(sql`(select 1 as one)`.as("somebody"))
    .leftJoin("bridge_moves as m", (join) =>
      join.on("m.migration_id", "=", migrationId).on("m.sub", "=", sub),
    )
    .leftJoin("mails as asked", (join) =>
      join
        .on("asked.migration_id", "=", migrationId)
        .on("asked.sub", "=", sub)
        .on("asked.sender", "=", "bridge"),
    )
    .select(
      sql<WhyNoMail | null>`case
        when m.moved_at_ms is not null then 'moved_by_bridge'
        when m.open_moves > 0 and ${isWithin("m.begun_at_ms", BRIDGE_TAKES_MS)} then 'move_under_way'
        when m.open_moves > 0 then 'password_in_doubt'
        when exists ${proven} then 'proven_by_bridge'
        when exists ${reset} then 'already_reset'
        when asked.mails between 1 and asked.open_mails and ${isWithin("asked.claimed_at_ms", BRIDGE_TAKES_MS)}
          then 'ask_under_way'
        when asked.mails > 0 then 'asked_already'
      end`.as("why"),
    )
    .executeTakeFirstOrThrow();
  return why;
}
