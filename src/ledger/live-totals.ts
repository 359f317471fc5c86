import { PHASES, type Phase } from "../phases.ts";
import type { Cursor } from "./cursors.ts";
import type { Db } from "./ledger.ts";
import { phaseCounts } from "./phase-counts.ts";

/** How many of a phase's items are settled; `of` is null while nobody can know it. */
export interface LiveTotals {
  done: number;
  failed: number;
  skipped: number;
  of: number | null;
}

/** Where each phase stands at this moment: a workflow hears of it only when a batch or a share of a phase ends. */
export async function liveTotals(
  db: Db,
  migration: { id: number; generation: number },
): Promise<Partial<Record<Phase, LiveTotals>>> {
  const cursors = await cursorsOf(db, migration);
  const { pending, done, failed, skipped } = await phaseCounts(db, migration.id, "users");
  const listed = cursors.get("snapshot");
  const { users: inPool = 0, withoutSub = 0 } = listed?.counters ?? {};
  const ofPool = listed?.done ? inPool : null;
  const totals: Partial<Record<Phase, LiveTotals>> = {
    users: { done, failed, skipped, of: pending + done + failed + skipped },
  };
  const add = (phase: Phase, count: number | undefined, of: number | null, without = 0) => {
    if (cursors.has(phase)) totals[phase] = { done: count ?? 0, failed: 0, skipped: without, of };
  };
  add("snapshot", inPool, ofPool === null ? null : ofPool + withoutSub, withoutSub);
  add("plan", cursors.get("plan")?.counters.planned, ofPool);
  add("verify", cursors.get("verify")?.counters.seen, done);
  add("report", cursors.get("report")?.counters.listed, ofPool);
  return totals;
}

async function cursorsOf(
  db: Db,
  { id, generation }: { id: number; generation: number },
): Promise<Map<string, Pick<Cursor, "done" | "counters">>> {
  const rows = await db
    .selectFrom("cursors")
    .select(["name", "done", "counters"])
    .where("migration_id", "=", id)
    .where("generation", "=", generation)
    .where("name", "in", PHASES)
    .execute();
  // Written by moveCursor only.
  return new Map(
    rows.map((row) => [
      row.name,
      { done: row.done === 1, counters: JSON.parse(row.counters) as Cursor["counters"] },
    ]),
  );
}
