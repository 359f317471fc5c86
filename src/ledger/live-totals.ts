import { PHASES, type Phase } from "../domain/phases.ts";
import type { Cursor } from "./cursors.ts";
import type { Db } from "./ledger.ts";
import { type PhaseCounts, phaseCounts } from "./phase-counts.ts";
import { readProviderChecks } from "./providers.ts";
import type { RunOfMigration } from "./runs.ts";

/** How many of a phase's items are settled; `of` is null while nobody can know it. */
export interface LiveTotals {
  done: number;
  failed: number;
  skipped: number;
  of: number | null;
}

/** Taken once the run has dropped what an earlier one saw at the gate. */
export const GATE_CURSOR = "credentials:plan";

/**
 * Where each phase of this run stands at this moment: a workflow hears of it only when a batch or a share of a phase
 * ends. What an earlier run left is not told.
 */
export async function liveTotals(
  db: Db,
  migration: RunOfMigration,
): Promise<Partial<Record<Phase, LiveTotals>>> {
  const cursors = await cursorsOf(db, migration);
  const users = await phaseCounts(db, migration, "users");
  const listed = cursors.get("snapshot");
  const { users: inPool = 0 } = listed?.counters ?? {};
  const ofPool = listed?.done ? inPool : null;
  const totals: Partial<Record<Phase, LiveTotals>> = {};
  // Nobody knows how many there are before that.
  if (cursors.has("plan")) totals.users = ofItems(users);
  const others = {
    // An undo has no gate, and takes back what was made for it in items.
    credentials: cursors.has(GATE_CURSOR)
      ? await gateTotals(db, migration.migrationId)
      : ofItems(await phaseCounts(db, migration, "credentials")),
    structure: ofItems(await phaseCounts(db, migration, "structure")),
    memberships: ofItems(await phaseCounts(db, migration, "memberships")),
    resets: ofItems(await phaseCounts(db, migration, "resets")),
  };
  // Many migrations have none of these.
  for (const phase of ["credentials", "structure", "memberships", "resets"] as const)
    if (others[phase].of !== 0) totals[phase] = others[phase];
  const add = (phase: Phase, count: number | undefined, of: number | null) => {
    if (cursors.has(phase)) totals[phase] = { done: count ?? 0, failed: 0, skipped: 0, of };
  };
  add("snapshot", inPool, ofPool);
  // The plan of an undo counts otherwise, and tells it itself.
  if (listed !== undefined) add("plan", cursors.get("plan")?.counters.planned, ofPool);
  const seen = cursors.get("verify")?.counters.seen;
  // Accounts stand that this run had no work with.
  add("verify", seen, Math.max(users.done, seen ?? 0));
  add("report", cursors.get("report")?.counters.listed, ofPool);
  return totals;
}

function ofItems({ pending, done, failed, skipped }: PhaseCounts): LiveTotals {
  return { done, failed, skipped, of: pending + done + failed + skipped };
}

/** Of credentials, the identity providers are told: what takes longest is people who set them up. */
async function gateTotals(db: Db, migrationId: number): Promise<LiveTotals> {
  const known = await readProviderChecks(db, migrationId);
  const checks = known.filter(({ state }) => state !== "open");
  const done = checks.filter(({ state }) => state === "verified").length;
  const missing = checks.filter(({ state }) => state === "missing").length;
  return { done, failed: 0, skipped: checks.length - done - missing, of: checks.length };
}

async function cursorsOf(
  db: Db,
  { migrationId, generation }: RunOfMigration,
): Promise<Map<string, Pick<Cursor, "done" | "counters">>> {
  const rows = await db
    .selectFrom("cursors")
    .select(["name", "done", "counters"])
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("name", "in", [...PHASES, GATE_CURSOR])
    .execute();
  // Written by moveCursor only.
  return new Map(
    rows.map((row) => [
      row.name,
      { done: row.done === 1, counters: JSON.parse(row.counters) as Cursor["counters"] },
    ]),
  );
}
