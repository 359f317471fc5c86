import type { PhaseInput, PhaseTotals, Progress } from "../../domain/contract.ts";
import type { ItemPhase } from "../../domain/phases.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { pagesPaceKey } from "../../engine/pace-keys.ts";
import { SlotHand } from "../../engine/slot-hand.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { type Cursor, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { lastOrdinal } from "../../ledger/queue-questions.ts";
import { reopenItems } from "../../ledger/queue-reopening.ts";
import { type FailedWork, failedWork, REDRIVE_WALK, refail } from "../../ledger/redrive.ts";
import { readMigration } from "../../ledger/runs.ts";
import { membershipOf } from "../../plan/keys.ts";
import type { Deps } from "../deps.ts";
import { type SourceLook, unchangedAmong } from "./unchanged.ts";

const SHARE_MS = 60_000;
/** Keeps the reading of a queue that hardly failed short. */
const WINDOW_ORDINALS = 5_000;
/** Their clusters are read together, and a killed worker asks about no more of them again. */
const SLICE_ITEMS = 20;

/** What a redrive takes up. What failed of the credentials is the gate's, which asks people. */
const REDRIVEN = ["structure", "users", "memberships", "resets"] as const satisfies readonly ItemPhase[];

export const TRIED = "tried";
export const CHANGED = "changed";
/** Why nobody tries somebody again by a plan that Cognito has overtaken. */
const CHANGED_CODE = "changed_in_cognito";
/** Nobody can tell whether such a mail is out. */
const NO_ANSWER = "no_clear_answer";

interface Position {
  phase: (typeof REDRIVEN)[number];
  after: number;
}

/** Walks what failed, and opens again what the plan still holds for. */
export async function planRedrive(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress> {
  const { ledger } = deps;
  const { file, accountId } = await ledger.read((db) => readMigration(db, run.migrationId));
  const slots = new SlotHand(deps.pacer, [pagesPaceKey(file.source, accountId)], pulse.signal);
  const look = { ledger, run, source: deps.sourceOf(file.source), asking: { slots, pulse } };
  const id = cursorId(run, REDRIVE_WALK);
  const until = performance.now() + SHARE_MS;
  let cursor = await takeCursor(ledger, id, pulse.fence);
  while (!cursor.done && performance.now() < until) {
    pulse.throwIfCancelled();
    const from: Cursor = cursor;
    const slice = await sliceOf(look, positionOf(from));
    cursor = await step({ ledger, pulse }, async (tx) => {
      const { phase } = positionOf(from);
      const tally = new Tally(from.counters);
      tally.add(TRIED, await reopenItems(tx, run, phase, slice.again));
      tally.add(CHANGED, slice.changed.length);
      await refail(
        tx,
        run,
        phase,
        slice.changed.map(({ ordinal }) => ordinal),
        CHANGED_CODE,
      );
      const moved = {
        position: JSON.stringify(slice.next ?? positionOf(from)),
        done: slice.next === null,
        counters: tally.all(),
      };
      await moveCursor(tx, id, pulse.fence, moved);
      return moved;
    });
  }
  return { status: cursor.done ? "complete" : "more", totals: totalsOf(cursor) };
}

function positionOf({ position }: Cursor): Position {
  // Written by planRedrive only.
  return position === null ? { phase: REDRIVEN[0], after: 0 } : (JSON.parse(position) as Position);
}

interface Slice {
  again: readonly FailedWork[];
  changed: readonly FailedWork[];
  /** Null at the end. */
  next: Position | null;
}

async function sliceOf(look: SourceLook, { phase, after }: Position): Promise<Slice> {
  const { ledger, run } = look;
  const last = await ledger.read((db) => lastOrdinal(db, run, phase));
  const to = Math.min(after + WINDOW_ORDINALS, last);
  const found = await ledger.read((db) => failedWork(db, run, phase, { after, to }, SLICE_ITEMS));
  const reached = found.length === SLICE_ITEMS ? (found.at(-1)?.ordinal ?? to) : to;
  const failed = phase === "resets" ? found.filter(isClearMail) : found;
  const unchanged = await unchangedOf(look, phase, failed);
  return {
    again: failed.filter(unchanged),
    changed: failed.filter((item) => item.state === "failed" && !unchanged(item)),
    next: reached < last ? { phase, after: reached } : nextPhase(phase),
  };
}

function isClearMail({ state, code }: FailedWork): boolean {
  return state === "failed" && code !== NO_ANSWER;
}

function nextPhase(phase: Position["phase"]): Position | null {
  const next = REDRIVEN[REDRIVEN.indexOf(phase) + 1];
  return next === undefined ? null : { phase: next, after: 0 };
}

/** What depends on people goes by what Cognito says of them now; a mail has its own look, just before it goes out. */
async function unchangedOf(
  look: SourceLook,
  phase: Position["phase"],
  items: readonly FailedWork[],
): Promise<(item: FailedWork) => boolean> {
  if (phase === "structure" || phase === "resets") return () => true;
  const subOf = ({ key }: FailedWork) => (phase === "memberships" ? membershipOf(key).sub : key);
  // Whoever is removed is asked about by whoever removes them.
  const given = items.filter(({ intent }) => intent !== "remove");
  const unchanged = await unchangedAmong(look, [...new Set(given.map(subOf))], phase === "memberships");
  return (item) => item.intent === "remove" || unchanged.has(subOf(item));
}

function totalsOf({ counters, done }: Cursor): PhaseTotals {
  const { [TRIED]: tried = 0, [CHANGED]: failed = 0 } = counters;
  return { done: tried, failed, skipped: 0, of: done ? tried + failed : null };
}
