import { sql } from "kysely";
import type { PlacedKind, WorkIntent } from "../domain/books.ts";
import type { WorkItemState } from "../domain/outcomes.ts";
import type { ItemPhase } from "../domain/phases.ts";
import { isOneOf } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { itemsOf } from "./queue-questions.ts";
import { type MigrationRow, type RunOfMigration, runOf } from "./runs.ts";

/** What a redrive asks and tells: it works on the queue that the run before has ended. */

/** The walk that takes up what failed. */
export const REDRIVE_WALK = "redrive";
/** Walks of the run that come to another end by it. */
const WALKED_ANEW = ["report", "resets", REDRIVE_WALK];

/** Whether the newest run came to its end, or a redrive of it began, which comes after that. */
export async function hasEnded(db: Db, migration: Pick<MigrationRow, "id" | "generation">): Promise<boolean> {
  const { migrationId, generation } = runOf(migration);
  const rows = await db
    .selectFrom("cursors")
    .select(["name", "done"])
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("name", "in", ["report", REDRIVE_WALK])
    .execute();
  return rows.some(({ name, done }) => name === REDRIVE_WALK || done === 1);
}

/** The walks of the run that a redrive comes back to begin anew, and so does its own. */
export async function beginRedrive(tx: Tx, { migrationId, generation }: RunOfMigration): Promise<void> {
  await tx
    .deleteFrom("cursors")
    .where("migration_id", "=", migrationId)
    .where("name", "in", WALKED_ANEW)
    .execute();
  await tx
    .insertInto("cursors")
    .values({
      migration_id: migrationId,
      name: REDRIVE_WALK,
      generation,
      fence: 0,
      position: null,
      done: 0,
      counters: "{}",
    })
    .execute();
}

/** What was left out since something else had failed. */
const WAS_MISSING = ["user_not_imported", "organization_missing"];

export interface FailedWork {
  ordinal: number;
  kind: PlacedKind;
  key: string;
  intent: WorkIntent;
  state: WorkItemState;
  code: string | null;
}

/** What failed, and what was left out since something else had, among the items after one ordinal and up to another. */
export function failedWork(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  { after, to }: { after: number; to: number },
  limit: number,
): Promise<FailedWork[]> {
  return itemsOf(db, run, phase)
    .select(["ordinal", "kind", "key", "intent", "state", "code"])
    .where("ordinal", ">", after)
    .where("ordinal", "<=", to)
    .where((eb) =>
      eb.or([
        eb("state", "=", "failed"),
        eb.and([eb("state", "=", "skipped"), eb("code", "in", WAS_MISSING)]),
      ]),
    )
    .orderBy("ordinal")
    .limit(limit)
    .execute();
}

/** Of these people, whom the plan of this run merges into whose account. */
export async function mergedAmong(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  subs: readonly string[],
): Promise<Map<string, string>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("plan")
    .select(["sub", "merge_into as into"])
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("merge_into", "is not", null)
    .where(isOneOf(db, "sub", subs))
    .$narrowType<{ into: string }>()
    .execute();
  return new Map(rows.map(({ sub, into }) => [sub, into]));
}

/** In other words: PostgreSQL would read the index of all that failed to find a few of them. */
const HAS_FAILED = sql<boolean>`state not in ('pending', 'sending', 'done', 'skipped')`;

/** These failed for another reason than before: nobody tries them again by this plan. */
export async function refail(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  phase: ItemPhase,
  ordinals: readonly number[],
  code: string,
): Promise<void> {
  if (ordinals.length === 0) return;
  await sql`
    update work_items set code = ${code}, message = null
    where migration_id = ${migrationId} and generation = ${generation} and phase = ${phase} and ${HAS_FAILED}
      and ${isOneOf(tx, "ordinal", ordinals)}`.execute(tx);
}
