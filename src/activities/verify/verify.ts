import type { Blocked, PhaseInput, Progress } from "../../domain/contract.ts";
import { DestinationSlots } from "../../engine/destination-slots.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { dropEarlierDifferences } from "../../ledger/differences.ts";
import { replaceFindings } from "../../ledger/findings.ts";
import { phaseCounts } from "../../ledger/phase-counts.ts";
import { readMigration } from "../../ledger/runs.ts";
import { VERIFICATION } from "../../ledger/verification.ts";
import type { Deps } from "../deps.ts";
import { findingsOf } from "./compare.ts";
import { confirmMisses } from "./confirm-misses.ts";
import { listDestination } from "./list-destination.ts";
import { missedUsers } from "./misses.ts";
import { mostGone } from "./most-gone.ts";
import { verifyStructure } from "./structure/verify-structure.ts";
import { verifyMemberships } from "./verify-memberships.ts";
import type { Verifying } from "./verifying.ts";

const SHARE_MS = 60_000;
const SLICE_DIFFERENCES = 1_000;
const MORE = { status: "more" } as const;

/**
 * Finds every imported user at the destination by listing it, compares each in full with what was written, and
 * asks for those that the listing did not show one by one; then what else was made, and their memberships, likewise. Totals
 * count users.
 */
export async function verify(
  deps: Deps,
  { run, accepted }: PhaseInput,
  pulse: Pulse,
): Promise<Progress | Blocked> {
  const { ledger } = deps;
  const { file } = await ledger.read((db) => readMigration(db, run.migrationId));
  const destination = deps.destinationOf(file.destination);
  const slots = new DestinationSlots(deps.pacer, destination, pulse.signal);
  const verifying: Verifying = { ledger, destination, slots, pulse, run, file };
  const until = performance.now() + SHARE_MS;
  const listed = await listDestination(verifying, until);
  if ("status" in listed) return listed;
  const { done: of } = await ledger.read((db) => phaseCounts(db, run, "users"));
  const seen = listed.counters.seen ?? 0;
  if (listed.done && !accepted.includes("accounts_gone")) {
    const parked = await mostGone(verifying, listed);
    if (parked !== null) return parked;
  }
  const confirmed = listed.done ? await confirmMisses(verifying, missedUsers(verifying), until) : listed;
  if ("status" in confirmed) return confirmed;
  const more: Progress = {
    status: "more",
    totals: { done: seen, failed: 0, skipped: 0, of: Math.max(of, seen) },
  };
  const structure = confirmed.done ? await verifyStructure(verifying, until) : MORE;
  if (structure.status === "blocked") return structure;
  const memberships = structure.status === "complete" ? await verifyMemberships(verifying, until) : MORE;
  if (memberships.status === "blocked") return memberships;
  if (structure.status === "more" || memberships.status === "more") return more;
  if (!(await forgetEarlier(verifying, until))) return more;
  const people = findingsOf(new Tally(listed.counters), new Tally(confirmed.counters));
  const findings = [...people, ...structure.findings, ...memberships.findings];
  const id = cursorId(run, VERIFICATION);
  const ended = { ...(await takeCursor(ledger, id, pulse.fence)), done: true };
  await step(verifying, async (tx) => {
    await replaceFindings(tx, run.migrationId, run.generation, "verify", findings);
    await moveCursor(tx, id, pulse.fence, ended);
  });
  const { done } = await ledger.read((db) => phaseCounts(db, run, "users"));
  return { status: "complete", totals: { done, failed: 0, skipped: 0, of: done } };
}

/** What an earlier run found, and this one did not. False when the time is over. */
async function forgetEarlier(verifying: Verifying, until: number): Promise<boolean> {
  while (performance.now() < until) {
    verifying.pulse.throwIfCancelled();
    const dropped = await step(verifying, (tx) =>
      dropEarlierDifferences(tx, verifying.run, SLICE_DIFFERENCES),
    );
    if (dropped === 0) return true;
  }
  return false;
}
