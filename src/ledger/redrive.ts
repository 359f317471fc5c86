import { sql } from "kysely";
import type { ItemPhase } from "../domain/phases.ts";
import type { Db, Tx } from "./ledger.ts";
import { forgetCopied } from "./mail-record.ts";
import { IS_OPEN } from "./queue.ts";
import type { EndedItem } from "./queue-endings.ts";
import { itemsOf } from "./queue-questions.ts";
import { type MigrationRow, type RunOfMigration, runOf } from "./runs.ts";
import { forgetVerification } from "./verification.ts";

/** What a redrive asks and tells: it works on the queue that the run before has ended. */

/** The walk that takes up what failed. */
export const REDRIVE_WALK = "redrive";

/** Where that walk stands: at its beginning it says only whose it is. Earlier workers did not say that. */
export interface RedrivePosition<P extends ItemPhase = ItemPhase> {
  of?: string;
  phase?: P;
  after?: number;
}
/**
 * Walks of the run that come to another end by it, and those whose fences the clock of another Temporal server may have
 * given.
 */
const WALKED_ANEW = ["report", "resets", "looks", "mail_doubts", REDRIVE_WALK];

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

/**
 * The walks of the run that a redrive comes back to begin anew, and so does its own. The record of mails is read from its
 * beginning: of people who had no account it told before, and they may have one now.
 */
export async function beginRedrive(tx: Tx, run: RunOfMigration, firstRunId: string): Promise<void> {
  const position: RedrivePosition = { of: firstRunId };
  const { migrationId, generation } = run;
  await forgetCopied(tx, run);
  await forgetVerification(tx, migrationId);
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
      position: JSON.stringify(position),
      done: 0,
      counters: "{}",
    })
    .execute();
}

/** Whether the ledger knows of this redrive: one that was restored may have forgotten that it began. */
export async function hasBegun(
  db: Db,
  { migrationId, generation, firstRunId }: RunOfMigration & { firstRunId: string },
): Promise<boolean> {
  const row = await db
    .selectFrom("cursors")
    .select("position")
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("name", "=", REDRIVE_WALK)
    .executeTakeFirst();
  if (row === undefined) return false;
  // Written by redrives only.
  const { of = firstRunId } = JSON.parse(row.position ?? "{}") as RedrivePosition;
  return of === firstRunId;
}

/**
 * What an earlier redrive left open counts as given to the redrive that walks, by its fence: with one of another Temporal
 * server, whose clock was ahead, nobody could claim it. An attempt that is still at work on it settles nothing any more.
 */
export async function takeUpOpen(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  phase: ItemPhase,
  { after, to }: { after: number; to: number },
  fence: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    update work_items set fence = ${fence}
    where migration_id = ${migrationId} and generation = ${generation} and phase = ${phase}
      and ordinal > ${after} and ordinal <= ${to} and ${IS_OPEN}`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}

/** What was left out since something else had failed. */
const WAS_MISSING = ["user_not_imported", "organization_missing"];

/** What failed, and what was left out since something else had, among the items after one ordinal and up to another. */
export function failedWork(
  db: Db,
  run: RunOfMigration,
  phase: ItemPhase,
  { after, to }: { after: number; to: number },
  limit: number,
): Promise<EndedItem[]> {
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
