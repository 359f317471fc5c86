import type { Blocked } from "../../domain/contract.ts";
import type { Draft } from "../../domain/findings.ts";
import { cursorId } from "../../engine/steps.ts";
import { type Cursor, readCursor } from "../../ledger/cursors.ts";
import { placedAfter } from "../../ledger/placed.ts";
import { findingsOfMemberships } from "./compare-memberships.ts";
import { confirmMisses } from "./confirm-misses.ts";
import { listMemberships, MEMBERSHIPS_WALK } from "./list-memberships.ts";
import { MEMBERSHIP_MISSES_WALK, missedMemberships } from "./misses.ts";
import type { Verifying } from "./verifying.ts";

type Verified = { status: "more" } | { status: "complete"; findings: Draft[] };

/** The same for memberships, by listing each organization. Nobody is asked where none stands. */
export async function verifyMemberships(verifying: Verifying, until: number): Promise<Verified | Blocked> {
  const { ledger, run } = verifying;
  const [any] = await ledger.read((db) => placedAfter(db, run.migrationId, "membership", "", 1));
  if (any !== undefined) {
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
