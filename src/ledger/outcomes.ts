import { sql } from "kysely";
import type { PlacedState } from "../domain/books.ts";
import type { Outcome } from "../domain/outcomes.ts";
import { earlierSubOf } from "../plan/signed-up-again.ts";
import { isOneOf } from "./dialect.ts";
import { earlierAccounts } from "./earlier-accounts.ts";
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
  /** Whose account has the address of somebody who signed up again, as far as that is known. */
  earlierSub?: string;
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
  return outcomesOfRows(db, migration, rows);
}

/** The outcome of these users, as far as the newest snapshot lists them. */
export async function outcomesOf(
  db: Db,
  migration: { id: number; generation: number },
  subs: readonly string[],
): Promise<UserOutcome[]> {
  if (subs.length === 0) return [];
  const rows = await outcomeRows(db, migration)
    .where(isOneOf(db, "u.sub", subs))
    .execute();
  return outcomesOfRows(db, migration, rows);
}

function outcomeRows(db: Db, { id, generation }: { id: number; generation: number }) {
  const standsFor = sql<string>`coalesce(p.merge_into, u.sub)`;
  return db
    .selectFrom("source_users as u")
    .leftJoin("plan as p", (join) =>
      join
        .onRef("p.migration_id", "=", "u.migration_id")
        .onRef("p.sub", "=", "u.sub")
        .on("p.generation", "=", generation),
    )
    .leftJoin("placed as a", (join) =>
      join
        .onRef("a.migration_id", "=", "u.migration_id")
        .on("a.kind", "=", "user")
        .on("a.key", "=", standsFor),
    )
    .leftJoin("work_items as w", (join) =>
      join
        .onRef("w.migration_id", "=", "u.migration_id")
        .on("w.generation", "=", generation)
        .on("w.phase", "=", "users")
        .on("w.key", "=", standsFor),
    )
    .select([
      "u.sub as sub",
      "u.email as email",
      "u.cluster_key as clusterKey",
      "p.action as action",
      "p.reason as reason",
      "p.merge_into as mergeInto",
      "p.fingerprint as planned",
      "a.state as placed",
      "a.fingerprint as written",
      "a.destination_id as destinationId",
      "w.state as state",
      "w.code as code",
    ])
    .where("u.migration_id", "=", id)
    .where("u.generation", "=", generation);
}

type OutcomeRow = Awaited<ReturnType<ReturnType<typeof outcomeRows>["execute"]>>[number];

/** The destination knows no more than that an address is taken; whose account it is may be known here. */
async function outcomesOfRows(
  db: Db,
  { id, generation }: { id: number; generation: number },
  rows: readonly OutcomeRow[],
): Promise<UserOutcome[]> {
  const outcomes = rows.map((row) => ({ row, user: outcomeOf(row) }));
  const keys = outcomes.filter(({ user }) => isTaken(user)).map(({ row }) => row.clusterKey);
  const earlier = await earlierAccounts(db, id, generation, keys);
  return outcomes.map(({ row, user }) => {
    const sub = isTaken(user) ? earlierSubOf(row.email, earlier.get(row.clusterKey) ?? []) : null;
    return sub === null ? user : { ...user, reason: SIGNED_UP_AGAIN, earlierSub: sub };
  });
}

function isTaken({ outcome, reason }: UserOutcome): boolean {
  return outcome === "skipped" && (reason === SIGNED_UP_AGAIN || reason === "external_id_taken");
}

function outcomeOf(row: OutcomeRow): UserOutcome {
  const { sub, mergeInto, destinationId } = row;
  const { outcome, reason } = endOf(row);
  const hasAccount = outcome === "imported" || outcome === "merged";
  return { sub, outcome, reason, destinationId: hasAccount ? destinationId : null, mergedInto: mergeInto };
}

function endOf({ action, reason, planned, placed, written, state, code }: OutcomeRow): {
  outcome: Outcome;
  reason: string | null;
} {
  if (placed === "standing") {
    if (action === "merge") return { outcome: "merged", reason };
    // An account that was made stays made, whatever the plan would decide today.
    const isOther = action === "skip" || (planned !== null && written !== null && planned !== written);
    return { outcome: "imported", reason: isOther ? CHANGED : null };
  }
  if (action === "skip") return { outcome: "skipped", reason };
  if (isGone(placed)) return { outcome: "skipped", reason: REMOVED };
  if (state === "failed") return { outcome: "failed", reason: code };
  if (state === "skipped") return { outcome: "skipped", reason: code };
  return { outcome: "open", reason: null };
}

const CHANGED = "changed_after_import";
const REMOVED = "removed_at_destination";
const SIGNED_UP_AGAIN = "signed_up_again";

function isGone(placed: PlacedState | null): boolean {
  return placed === "removed";
}
