import { sql } from "kysely";
import type { PlacedHow } from "../domain/books.ts";
import type { Db } from "./ledger.ts";
import { placedAmong } from "./placed.ts";
import type { RunOfMigration } from "./runs.ts";

/** Whom the newest plan leaves to a person. */

/** The predicate of the index `plan_undecided`, word for word. */
const IS_UNDECIDED = sql<boolean>`reason in ('decision_disabled_member', 'decision_nobody_verified', 'decision_too_many', 'removed_at_destination', 'signed_up_again')`;

export interface Undecided {
  sub: string;
  clusterKey: string;
}

/** Those whom the plan of this run left out until a person names them, in order of sub, after the given one. */
export function undecidedAfter(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  afterSub: string,
  limit: number,
): Promise<Undecided[]> {
  return db
    .with("waiting", (query) =>
      query
        .selectFrom("plan")
        .select("sub")
        .where("migration_id", "=", migrationId)
        .where("generation", "=", generation)
        .where(IS_UNDECIDED)
        .where("sub", ">", afterSub)
        .orderBy("sub")
        .limit(limit),
    )
    .selectFrom("waiting")
    .innerJoin("source_users", (join) =>
      join.onRef("source_users.sub", "=", "waiting.sub").on("source_users.migration_id", "=", migrationId),
    )
    .select(["waiting.sub", "source_users.cluster_key as clusterKey"])
    .orderBy("waiting.sub")
    .execute();
}

/** Somebody whose account stands, and is to hold something else than was written. */
export interface Changed {
  sub: string;
  planned: string;
  written: string;
  how: PlacedHow | null;
}

/**
 * Those of the next `limit` people of the plan whose account stands otherwise than planned; `end` is where to go on, null
 * after the last one.
 */
export async function changedAfter(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  afterSub: string,
  limit: number,
): Promise<{ changed: Changed[]; end: string | null }> {
  const people = await db
    .selectFrom("plan")
    .select(["sub", "action", "fingerprint as planned"])
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("sub", ">", afterSub)
    .orderBy("sub")
    .limit(limit)
    .execute();
  const created = people.filter(({ action }) => action === "create");
  // Joined, PostgreSQL would read the one for each of the other until it has counted both.
  const placed = await placedAmong(
    db,
    migrationId,
    "user",
    created.map(({ sub }) => sub),
  );
  const changed = created.flatMap(({ sub, planned }) => {
    const { state, how = null, fingerprint: written = null } = placed.get(sub) ?? {};
    const isChanged = state === "standing" && planned !== written;
    return isChanged && planned !== null && written !== null ? [{ sub, planned, written, how }] : [];
  });
  return { changed, end: people.at(-1)?.sub ?? null };
}
