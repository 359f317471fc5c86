import { BRIDGE_TAKES_MS } from "../../domain/bridge-time.ts";
import type { Blocked, PhaseInput, Progress } from "../../domain/contract.ts";
import { DestinationSlots } from "../../engine/destination-slots.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { hasBridgeBegun, undoneForMs } from "../../ledger/undo.ts";
import { closeEarlierRuns } from "../assess/close-earlier-runs.ts";
import type { Deps } from "../deps.ts";
import { findUnknown } from "./find-unknown.ts";
import { mostGone } from "./most-gone.ts";

const SHARE_MS = 60_000;

/**
 * Closes what earlier runs left, and lets the bridge end what it has begun: it begins nothing since the undo was opened. Then
 * looks for what this ledger has forgotten.
 */
export async function assessUndo(
  deps: Deps,
  { run, accepted }: PhaseInput,
  pulse: Pulse,
): Promise<Progress | Blocked> {
  const { ledger } = deps;
  await closeEarlierRuns(deps, run, pulse);
  const id = cursorId(run, "assess");
  const cursor = await takeCursor(ledger, id, pulse.fence);
  if (await ledger.read((db) => hasBridgeBegun(db, run.migrationId))) {
    // A sign-in that began before the undo has ended then, and noted whom it gave an account.
    const leftMs = BRIDGE_TAKES_MS - (await ledger.read((db) => undoneForMs(db, run.migrationId)));
    if (leftMs > 0) await pulse.wait(leftMs);
  }
  const destination = deps.destinationOf({ kind: run.destinationKind });
  const slots = new DestinationSlots(deps.pacer, destination, pulse.signal);
  const finding = { ledger, run, destination, slots, pulse };
  const found = await findUnknown(finding, performance.now() + SHARE_MS);
  if ("status" in found) return found;
  if (!found.done) return { status: "more", totals: { done: 0, failed: 0, skipped: 0, of: null } };
  const gone = accepted.includes("accounts_gone") ? null : await mostGone(finding);
  if (gone !== null) return gone;
  await step({ ledger, pulse }, (tx) => moveCursor(tx, id, pulse.fence, { ...cursor, done: true }));
  return { status: "complete", totals: { done: 0, failed: 0, skipped: 0, of: 0 } };
}
