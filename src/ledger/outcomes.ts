import { sql } from "kysely";
import type { Outcome } from "../migration.ts";
import type { Db } from "./ledger.ts";

/** How one source user ended. */
export interface UserOutcome {
  sub: string;
  outcome: Outcome;
  /** A skip's reason, a failure's code, or a note on an import; null without one. */
  reason: string | null;
  /** Of the account that stands for this person: their own, or the one they were merged into. */
  destinationId: string | null;
  mergedInto: string | null;
}

/**
 * One outcome for every user whom the newest snapshot listed, in order of sub. A merged user ends as the account
 * that they were merged into: imported there, or not.
 */
export async function outcomesAfter(
  db: Db,
  migration: { id: number; generation: number },
  afterSub: string,
  limit: number,
): Promise<UserOutcome[]> {
  const rows = await outcomeRows(db, migration)
    .where("u.sub", ">", afterSub)
    .orderBy("u.sub")
    .limit(limit)
    .execute();
  return rows.map(outcomeOf);
}

/** The outcome of these users, as far as the newest snapshot lists them. */
export async function outcomesOf(
  db: Db,
  migration: { id: number; generation: number },
  subs: readonly string[],
): Promise<UserOutcome[]> {
  if (subs.length === 0) return [];
  return (await outcomeRows(db, migration).where("u.sub", "in", subs).execute()).map(outcomeOf);
}

function outcomeRows(db: Db, { id, generation }: { id: number; generation: number }) {
  return db
    .selectFrom("source_users as u")
    .leftJoin("plan as p", (join) =>
      join
        .onRef("p.migration_id", "=", "u.migration_id")
        .onRef("p.sub", "=", "u.sub")
        .on("p.generation", "=", generation),
    )
    .leftJoin("work_items as w", (join) =>
      join
        .onRef("w.migration_id", "=", "u.migration_id")
        .on("w.phase", "=", "users")
        .on("w.sub", "=", sql<string>`coalesce(p.merge_into, u.sub)`),
    )
    .select([
      "u.sub as sub",
      "p.action as action",
      "p.reason as reason",
      "p.merge_into as mergeInto",
      "w.state as state",
      "w.code as code",
      "w.destination_id as destinationId",
    ])
    .where("u.migration_id", "=", id)
    .where("u.generation", "=", generation);
}

type OutcomeRow = Awaited<ReturnType<ReturnType<typeof outcomeRows>["execute"]>>[number];

function outcomeOf(row: OutcomeRow): UserOutcome {
  const { sub, action, reason, mergeInto, state, code, destinationId } = row;
  const one = (outcome: Outcome, why: string | null): UserOutcome => ({
    sub,
    outcome,
    reason: why,
    destinationId: outcome === "imported" || outcome === "merged" ? destinationId : null,
    mergedInto: mergeInto,
  });
  // An account that was made stays made, whatever the plan would decide today.
  if (action === "skip" && state === "done") return one("imported", "changed_after_import");
  if (action === "skip") return one("skipped", reason);
  if (state === "done") return action === "merge" ? one("merged", reason) : one("imported", code);
  if (state === "failed") return one("failed", code);
  if (state === "skipped") return one("skipped", code);
  return one("open", null);
}
