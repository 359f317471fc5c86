import { sql } from "kysely";
import type { WorkItemState } from "../domain/outcomes.ts";
import type { ItemPhase } from "../domain/phases.ts";
import type { Db, Tx } from "./ledger.ts";
import type { RunOfMigration } from "./runs.ts";

/**
 * Counting millions of rows takes seconds, so totals are kept: they move in the transaction that moves the items.
 * An item in `sending` counts as pending here; only the batch that holds it needs to tell them apart.
 */
export type CountedState = Exclude<WorkItemState, "sending">;
export type PhaseCounts = Record<CountedState, number>;

export interface Moves {
  /** Null for what is new. */
  from: CountedState | null;
  to: CountedState;
  items: number;
}

export async function countMoves(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  phase: ItemPhase,
  moves: readonly Moves[],
): Promise<void> {
  const change = new Map<CountedState, number>();
  const add = (state: CountedState, n: number) => change.set(state, (change.get(state) ?? 0) + n);
  for (const { from, to, items } of moves) {
    if (from !== null) add(from, -items);
    add(to, items);
  }
  const values = [...change]
    .filter(([, items]) => items !== 0)
    // Everyone takes the rows' locks in the same order.
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([state, items]) => ({ migration_id: migrationId, generation, phase, state, items }));
  if (values.length === 0) return;
  await tx
    .insertInto("phase_counts")
    .values(values)
    .onConflict((conflict) =>
      conflict
        .columns(["migration_id", "generation", "phase", "state"])
        .doUpdateSet({ items: sql<number>`phase_counts.items + excluded.items` }),
    )
    .execute();
}

export async function phaseCounts(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  phase: ItemPhase,
): Promise<PhaseCounts> {
  const rows = await db
    .selectFrom("phase_counts")
    .select(["state", "items"])
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("phase", "=", phase)
    .execute();
  const counts: PhaseCounts = { pending: 0, done: 0, failed: 0, skipped: 0 };
  for (const row of rows) if (row.state !== "sending") counts[row.state] = row.items;
  return counts;
}
