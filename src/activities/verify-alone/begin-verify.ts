import type { PhaseInput, Progress } from "../../domain/contract.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { kindPositionAfter, kindPositionOf } from "../../engine/kind-walk.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { type Cursor, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { ageDifferences } from "../../ledger/differences.ts";
import { unseeAfter } from "../../ledger/verification.ts";
import type { Deps } from "../deps.ts";

const SHARE_MS = 60_000;
const SLICE = 2_000;
const WALK = "verify:begin";

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
      const { kind, after } = kindPositionOf(from);
      const last = await unseeAfter(tx, run, kind, after, SLICE);
      const aged = last === null ? await ageDifferences(tx, run, SLICE) : SLICE;
      const next = kindPositionAfter(kind, last ?? undefined);
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
