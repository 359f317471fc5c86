import type { PhaseInput, PhaseTotals, Progress } from "../../domain/contract.ts";
import { NO_CLEAR_ANSWER } from "../../domain/outcomes.ts";
import type { ItemPhase } from "../../domain/phases.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId, walkShare } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import type { Cursor } from "../../ledger/cursors.ts";
import type { Tx } from "../../ledger/ledger.ts";
import type { EndedItem } from "../../ledger/queue-endings.ts";
import { lastOrdinal } from "../../ledger/queue-questions.ts";
import { reopenItems } from "../../ledger/queue-reopening.ts";
import { failedWork, REDRIVE_WALK, type RedrivePosition, takeUpOpen } from "../../ledger/redrive.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import type { Deps } from "../deps.ts";
import { beginVerify } from "../verify-alone/begin-verify.ts";

/** Keeps each reading of a queue that hardly failed short. */
const WINDOW_ORDINALS = 5_000;
const SLICE_ITEMS = 1_000;

/** What a redrive takes up. What failed of the credentials is the gate's, which asks people. */
const REDRIVEN = ["structure", "users", "memberships", "resets"] as const satisfies readonly ItemPhase[];

export const TRIED = "tried";

type Position = Required<Omit<RedrivePosition<(typeof REDRIVEN)[number]>, "of">>;

/** Walks what failed, and opens it again; what an earlier redrive opened and left is open still. */
export async function planRedrive(deps: Deps, input: PhaseInput, pulse: Pulse): Promise<Progress> {
  const { ledger } = deps;
  const { run } = input;
  const cursor = await walkShare({ ledger, pulse }, cursorId(run, REDRIVE_WALK), async (tx, from) => {
    const position = positionOf(from);
    const tally = new Tally(from.counters);
    const { open, next } = await openSlice(tx, run, position, pulse.fence);
    tally.add(TRIED, open);
    const to = JSON.stringify({ ...position, ...next });
    return { position: to, done: next === null, counters: tally.all() };
  });
  const totals = totalsOf(cursor);
  if (!cursor.done) return { status: "more", totals };
  // What the run has seen is looked at anew at the end.
  const { status } = await beginVerify(deps, input, pulse);
  return { status, totals };
}

function positionOf({ position }: Cursor): Position {
  // Written by redrives only.
  const begun = JSON.parse(position ?? "{}") as RedrivePosition<Position["phase"]>;
  return { phase: REDRIVEN[0], after: 0, ...begun };
}

/** How many items are open by it; `next` is null at the end. */
async function openSlice(
  tx: Tx,
  run: RunOfMigration,
  { phase, after }: Position,
  fence: number,
): Promise<{ open: number; next: Position | null }> {
  const last = await lastOrdinal(tx, run, phase);
  const window = Math.min(after + WINDOW_ORDINALS, last);
  const found = await failedWork(tx, run, phase, { after, to: window }, SLICE_ITEMS);
  const to = found.length === SLICE_ITEMS ? (found.at(-1)?.ordinal ?? window) : window;
  const left = await takeUpOpen(tx, run, phase, { after, to }, fence);
  const again = phase === "resets" ? found.filter(isClearMail) : found;
  return {
    open: left + (await reopenItems(tx, run, phase, again, fence)),
    next: to < last ? { phase, after: to } : nextPhase(phase),
  };
}

/** Of one without a clear answer nobody can tell whether it is out. */
function isClearMail({ state, code }: EndedItem): boolean {
  return state === "failed" && code !== NO_CLEAR_ANSWER;
}

function nextPhase(phase: Position["phase"]): Position | null {
  const next = REDRIVEN[REDRIVEN.indexOf(phase) + 1];
  return next === undefined ? null : { phase: next, after: 0 };
}

function totalsOf({ counters, done: isDone }: Cursor): PhaseTotals {
  const { [TRIED]: done = 0 } = counters;
  return { done, failed: 0, skipped: 0, of: isDone ? done : null };
}
