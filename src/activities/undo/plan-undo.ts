import { undoAbilities } from "../../destinations/undo-abilities.ts";
import type { PlacedKind } from "../../domain/books.ts";
import type { PhaseInput, PhaseTotals, Progress, RunRef } from "../../domain/contract.ts";
import { PHASE_OF_KIND } from "../../domain/phase-of-kind.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId, walkShare } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { LEFT, REMOVE, RESTORE, undoSlice } from "../../engine/undo-walk.ts";
import type { Cursor } from "../../ledger/cursors.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { addItems, type NewItem } from "../../ledger/queue.ts";
import { lastOrdinal } from "../../ledger/queue-questions.ts";
import type { ToUndo } from "../../ledger/undo.ts";
import { WITH_ACCOUNT } from "../../plan/counters.ts";
import type { Deps } from "../deps.ts";

export const PLAN_OF_UNDO = "plan";

/** Walks all that stands, or may, and queues what is to be taken back. */
export async function planUndo(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress> {
  const { ledger } = deps;
  const abilities = undoAbilities(deps.destinationOf({ kind: run.destinationKind }));
  const cursor = await walkShare({ ledger, pulse }, cursorId(run, PLAN_OF_UNDO), async (tx, from) => {
    const { kind, all, next } = await undoSlice(tx, run.migrationId, abilities, from);
    await queue(tx, run, kind, all);
    return next;
  });
  return { status: cursor.done ? "complete" : "more", totals: totalsOf(cursor) };
}

async function queue(tx: Tx, run: RunRef, kind: PlacedKind, all: readonly ToUndo[]): Promise<void> {
  const items = all.flatMap(({ placed, fate }): NewItem[] => {
    if (fate.kind !== "remove" && fate.kind !== "restore") return [];
    const doubtSinceMs = placed.state === "in_doubt" ? placed.firstClaimedAtMs : null;
    return [{ kind, key: placed.key, intent: fate.kind, doubtSinceMs }];
  });
  const phase = PHASE_OF_KIND[kind];
  if (items.length > 0) await addItems(tx, run, phase, await lastOrdinal(tx, run, phase), items);
}

function totalsOf({ counters, done: isDone }: Cursor): PhaseTotals {
  const tally = new Tally(counters);
  const sum = (prefix: string) => tally.withPrefix(prefix).reduce((all, [, each]) => all + each, 0);
  const done = sum(REMOVE) + sum(RESTORE) + sum(WITH_ACCOUNT);
  const skipped = sum(LEFT);
  return { done, failed: 0, skipped, of: isDone ? done + skipped : null };
}
