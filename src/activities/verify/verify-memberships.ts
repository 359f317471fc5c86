import { type Cursor, readCursor } from "../../ledger/cursors.ts";
import type { Finding } from "../../ledger/findings.ts";
import { phaseCounts } from "../../ledger/phase-counts.ts";
import type { Blocked } from "../../workflows/contract.ts";
import { cursorId } from "../steps.ts";
import { findingsOfMemberships } from "./compare-memberships.ts";
import { confirmMisses } from "./confirm-misses.ts";
import { listMemberships, MEMBERSHIPS_WALK } from "./list-memberships.ts";
import { MEMBERSHIP_MISSES_WALK, missedMemberships } from "./misses.ts";
import type { Verifying } from "./verifying.ts";

type Verified = { status: "more" } | { status: "complete"; findings: Omit<Finding, "phase">[] };

/** The same for memberships, by listing each organization. Nobody is asked where none stands. */
export async function verifyMemberships(verifying: Verifying, until: number): Promise<Verified | Blocked> {
  const { ledger, run } = verifying;
  const { done: standing } = await ledger.read((db) => phaseCounts(db, run.migrationId, "memberships"));
  if (standing > 0) {
    const walked = await walk(verifying, until);
    if ("status" in walked) return walked;
    if (!walked.done) return { status: "more" };
  }
  // Kept with the walks: an attempt that finds none standing any more tells all the same what went.
  const names = [MEMBERSHIPS_WALK, MEMBERSHIP_MISSES_WALK];
  const walks = await Promise.all(names.map((name) => readCursor(ledger, cursorId(run, name))));
  return { status: "complete", findings: findingsOfMemberships(walks.map(({ counters }) => counters)) };
}

async function walk(verifying: Verifying, until: number): Promise<Cursor | Blocked> {
  const listed = await listMemberships(verifying, until);
  if ("status" in listed || !listed.done) return listed;
  return confirmMisses(verifying, missedMemberships(verifying), until);
}
