import { sql } from "kysely";
import type { ItemPhase } from "../domain/phases.ts";
import { noteWhatMayBe, UNHEARD, type UnheardItem } from "./closed-doubts.ts";
import { isOneOf, isPostgres } from "./dialect.ts";
import type { Tx } from "./ledger.ts";
import { forgetLooks } from "./looks.ts";
import { countMoves } from "./phase-counts.ts";
import { HAS_FAILED, IS_OPEN } from "./queue.ts";
import type { RunOfMigration } from "./runs.ts";

/** What failed is tried again, and what an earlier run left is taken away. */

/** Keeps each statement of `reopen` short. */
const REOPEN_SLICE = 1_000;

/**
 * Opens some of what failed with this code again; returns how many. A try whose effect is in doubt stays in doubt. Whose
 * mail is due again is looked at anew, however young the last look.
 */
export async function reopenSome(
  tx: Tx,
  run: RunOfMigration,
  phase: ItemPhase,
  code: string,
): Promise<number> {
  const { migrationId, generation } = run;
  const failedWithCode = sql`migration_id = ${migrationId} and generation = ${generation} and phase = ${phase}
    and ${HAS_FAILED} and code = ${code}`;
  const { rows } = await sql<{ ordinal: number; key: string }>`
    select ordinal, key from work_items where ${failedWithCode}
    order by ordinal limit ${REOPEN_SLICE} ${isPostgres(tx) ? sql`for update` : sql``}`.execute(tx);
  const ordinals = rows.map(({ ordinal }) => ordinal);
  const result = await sql`
    update work_items set state = 'pending', settled_at_ms = null, put_off = 0
    where ${failedWithCode} and ${isOneOf(tx, "ordinal", ordinals)}`.execute(tx);
  const reopened = Number(result.numAffectedRows ?? 0n);
  if (phase === "resets")
    await forgetLooks(
      tx,
      migrationId,
      rows.map(({ key }) => key),
    );
  await countMoves(tx, run, phase, [{ from: "failed", to: "pending", items: reopened }]);
  return reopened;
}

/**
 * Opens these again, which failed or were left out, for attempts from this fence on: one of the run that failed knows
 * nothing of what has to be asked first. Whose mail is among them is looked at anew. Returns how many it opened.
 */
export async function reopenItems(
  tx: Tx,
  run: RunOfMigration,
  phase: ItemPhase,
  items: readonly { ordinal: number; key: string }[],
  fence: number,
): Promise<number> {
  if (items.length === 0) return 0;
  const { migrationId, generation } = run;
  let all = 0;
  for (const from of ["failed", "skipped"] as const) {
    const { numAffectedRows } = await sql`
      update work_items set state = 'pending', fence = ${fence}, settled_at_ms = null, put_off = 0, code = null
      where migration_id = ${migrationId} and generation = ${generation} and phase = ${phase} and state = ${from}
        and ${isOneOf(
          tx,
          "ordinal",
          items.map(({ ordinal }) => ordinal),
        )}`.execute(tx);
    const reopened = Number(numAffectedRows ?? 0n);
    await countMoves(tx, run, phase, [{ from, to: "pending", items: reopened }]);
    all += reopened;
  }
  if (phase === "resets")
    await forgetLooks(
      tx,
      migrationId,
      items.map(({ key }) => key),
    );
  return all;
}

/** Of which queue. */
interface ClosedRow extends UnheardItem {
  phase: string;
  ordinal: number;
}

/**
 * Takes some items of earlier runs away; returns how many. What may have taken effect is in doubt from then on, whoever
 * comes. An attempt of such a run that is still at work finds nothing to claim, confirm or settle any more.
 */
export async function closeEarlier(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  limit: number,
): Promise<number> {
  const { rows } = await sql<ClosedRow>`
    select phase, ordinal, ${UNHEARD} from work_items
    where migration_id = ${migrationId} and generation < ${generation}
    order by generation, phase, ordinal limit ${limit} ${isPostgres(tx) ? sql`for update` : sql``}`.execute(
    tx,
  );
  await deleteItems(tx, migrationId, rows);
  await noteWhatMayBe(tx, migrationId, rows);
  if (rows.length === 0)
    await tx
      .deleteFrom("phase_counts")
      .where("migration_id", "=", migrationId)
      .where("generation", "<", generation)
      .execute();
  return rows.length;
}

/**
 * Takes some of what this run and those before have not ended out of the queues; returns how many. The counts of its
 * phases stay: nobody has ended it.
 */
export async function closeOpen(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  limit: number,
): Promise<number> {
  const { rows: open } = await sql<Pick<ClosedRow, "generation" | "phase" | "ordinal">>`
    select generation, phase, ordinal from work_items
    where migration_id = ${migrationId} and generation <= ${generation} and ${IS_OPEN}
    order by generation, phase, ordinal limit ${limit}`.execute(tx);
  for (const same of Map.groupBy(open, (row) => `${row.generation} ${row.phase}`).values()) {
    const [{ generation: of, phase } = { generation, phase: "" }] = same;
    const ordinals = same.map(({ ordinal }) => ordinal);
    const { rows } = await sql<ClosedRow>`
      delete from work_items where migration_id = ${migrationId} and generation = ${of} and phase = ${phase}
      and ${isOneOf(tx, "ordinal", ordinals)} and ${IS_OPEN}
      returning phase, ordinal, ${UNHEARD}`.execute(tx);
    await noteWhatMayBe(tx, migrationId, rows);
  }
  return open.length;
}

/** These follow each other in the queue. */
async function deleteItems(tx: Tx, migrationId: number, rows: readonly ClosedRow[]): Promise<void> {
  for (const part of Map.groupBy(rows, ({ generation, phase }) => `${generation} ${phase}`).values()) {
    const [first] = part;
    const last = part.at(-1);
    if (first === undefined || last === undefined) continue;
    await tx
      .deleteFrom("work_items")
      .where("migration_id", "=", migrationId)
      .where("generation", "=", first.generation)
      .where("phase", "=", first.phase)
      .where("ordinal", ">=", first.ordinal)
      .where("ordinal", "<=", last.ordinal)
      .execute();
  }
}
