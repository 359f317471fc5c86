import type { RedriveSummary, RunRef } from "../../domain/contract.ts";
import { ITEM_PHASES } from "../../domain/phases.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId } from "../../engine/steps.ts";
import { readCursor } from "../../ledger/cursors.ts";
import { phaseCounts } from "../../ledger/phase-counts.ts";
import { REDRIVE_WALK } from "../../ledger/redrive.ts";
import type { Deps } from "../deps.ts";
import { close } from "../report.ts";
import { CHANGED, TRIED } from "./plan-redrive.ts";

/** The last step of a redrive: what came of it; and the migration is free for the next run. */
export async function closeRedrive(
  deps: Deps,
  { run }: { run: RunRef },
  pulse: Pulse,
): Promise<RedriveSummary> {
  const { ledger } = deps;
  const { counters } = await readCursor(ledger, cursorId(run, REDRIVE_WALK));
  let failed = 0;
  for (const phase of ITEM_PHASES) failed += (await ledger.read((db) => phaseCounts(db, run, phase))).failed;
  const {
    listed,
    imported,
    merged,
    skipped,
    failed: without,
    open,
    mails,
  } = await close(deps, { run }, pulse);
  return {
    mode: "redrive",
    ledgerId: run.ledgerId,
    tried: counters[TRIED] ?? 0,
    changed: counters[CHANGED] ?? 0,
    failed,
    people: { listed, imported, merged, skipped, failed: without, open },
    mails: mails ?? null,
  };
}
