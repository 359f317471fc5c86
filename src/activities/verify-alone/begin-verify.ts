import { PLACED_KINDS, type PlacedKind } from "../../domain/books.ts";
import type { PhaseInput, Progress } from "../../domain/contract.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { type Cursor, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { ageDifferences } from "../../ledger/differences.ts";
import { unseeAfter } from "../../ledger/verification.ts";
import type { Deps } from "../deps.ts";

const SHARE_MS = 60_000;
const SLICE = 2_000;
const WALK = "verify:begin";

/** Where the walk stands: all of one kind after the other. */
interface Position {
  kind: PlacedKind;
  after: string;
}

/**
 * What the run before has seen counts as not seen yet, and what it found as found before: a difference that is there no
 * more is forgotten at the end, and none is while the verification is under way.
 */
export async function beginVerify(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress> {
  const { ledger } = deps;
  const id = cursorId(run, WALK);
  const until = performance.now() + SHARE_MS;
  let cursor = await takeCursor(ledger, id, pulse.fence);
  while (!cursor.done && performance.now() < until) {
    pulse.throwIfCancelled();
    const from: Cursor = cursor;
    cursor = await step({ ledger, pulse }, async (tx) => {
      const { kind, after } = positionOf(from);
      const last = await unseeAfter(tx, run, kind, after, SLICE);
      const aged = last === null ? await ageDifferences(tx, run, SLICE) : SLICE;
      const next = last === null ? kindAfter(kind) : { kind, after: last };
      const isDone = next === undefined && aged === 0;
      const moved = { ...from, position: JSON.stringify(next ?? { kind, after }), done: isDone };
      await moveCursor(tx, id, pulse.fence, moved);
      return moved;
    });
  }
  return {
    status: cursor.done ? "complete" : "more",
    totals: { done: 0, failed: 0, skipped: 0, of: cursor.done ? 0 : null },
  };
}

function positionOf({ position }: Cursor): Position {
  // Written by beginVerify only.
  return position === null ? { kind: PLACED_KINDS[0], after: "" } : (JSON.parse(position) as Position);
}

function kindAfter(kind: PlacedKind): Position | undefined {
  const next = PLACED_KINDS[PLACED_KINDS.indexOf(kind) + 1];
  return next === undefined ? undefined : { kind: next, after: "" };
}
