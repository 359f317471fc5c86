import type { PhaseInput, Progress } from "../../domain/contract.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { kindPositionAfter, kindPositionOf } from "../../engine/kind-walk.ts";
import { cursorId, walkShare } from "../../engine/steps.ts";
import { ageDifferences } from "../../ledger/differences.ts";
import { unseeAfter } from "../../ledger/verification.ts";
import type { Deps } from "../deps.ts";

const SLICE = 2_000;
const WALK = "verify:begin";

/**
 * What the run before has seen counts as not seen yet, and what it found as found before: a difference that is there no
 * more is forgotten at the end, and none is while the verification is under way.
 */
export async function beginVerify(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress> {
  const { ledger } = deps;
  const cursor = await walkShare({ ledger, pulse }, cursorId(run, WALK), async (tx, from) => {
    const { kind, after } = kindPositionOf(from);
    const last = await unseeAfter(tx, run, kind, after, SLICE);
    const aged = last === null ? await ageDifferences(tx, run, SLICE) : SLICE;
    const next = kindPositionAfter(kind, last ?? undefined);
    const done = next === undefined && aged === 0;
    return { ...from, position: JSON.stringify(next ?? { kind, after }), done };
  });
  return {
    status: cursor.done ? "complete" : "more",
    totals: { done: 0, failed: 0, skipped: 0, of: cursor.done ? 0 : null },
  };
}
