import { blocked } from "../../domain/blocked.ts";
import type { Blocked, RedriveSummary, RunRef } from "../../domain/contract.ts";
import { CHANGED_IN_COGNITO } from "../../domain/outcomes.ts";
import { ITEM_PHASES, type ItemPhase } from "../../domain/phases.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId } from "../../engine/steps.ts";
import { readCursor } from "../../ledger/cursors.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { phaseCounts } from "../../ledger/phase-counts.ts";
import { endedByCode } from "../../ledger/queue-endings.ts";
import { lastOrdinal } from "../../ledger/queue-questions.ts";
import { REDRIVE_WALK } from "../../ledger/redrive.ts";
import type { Deps } from "../deps.ts";
import { close } from "../report.ts";
import { TRIED } from "./plan-redrive.ts";

/** Bounds one statement. */
const SLICE = 10_000;

/** The last step of a redrive: what came of it; and the migration is free for the next run. */
export async function closeRedrive(
  deps: Deps,
  { run }: { run: RunRef },
  pulse: Pulse,
): Promise<RedriveSummary | Blocked> {
  const { ledger } = deps;
  const { counters, done } = await readCursor(ledger, cursorId(run, REDRIVE_WALK));
  // Restored to before its end: what the walk did not come to was not tried.
  if (!done) return blocked("ledger_restored");
  let itemsFailed = 0;
  for (const phase of ITEM_PHASES)
    itemsFailed += (await ledger.read((db) => phaseCounts(db, run, phase))).failed;
  const changed = (await changedOf(ledger, run, "users")) + (await changedOf(ledger, run, "memberships"));
  const { listed, imported, merged, skipped, failed, open, ...ended } = await close(deps, { run }, pulse);
  return {
    mode: "redrive",
    ledgerId: run.ledgerId,
    environment: run.environment,
    tried: counters[TRIED] ?? 0,
    changed,
    failed: itemsFailed,
    people: { listed, imported, merged, skipped, failed, open },
    mails: ended.mails ?? null,
    differences: ended.differences ?? null,
  };
}

async function changedOf(ledger: Ledger, run: RunRef, phase: ItemPhase): Promise<number> {
  let changed = 0;
  const last = await ledger.read((db) => lastOrdinal(db, run, phase));
  for (let from = 1; from <= last; from += SLICE) {
    const rows = await ledger.read((db) => endedByCode(db, run, phase, { from, to: from + SLICE - 1 }));
    for (const { state, code, items } of rows)
      if (state === "failed" && code === CHANGED_IN_COGNITO) changed += items;
  }
  return changed;
}
