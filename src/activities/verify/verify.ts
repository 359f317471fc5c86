import { replaceFindings } from "../../ledger/findings.ts";
import { phaseCounts } from "../../ledger/phase-counts.ts";
import { readMigration } from "../../ledger/runs.ts";
import type { Blocked, PhaseInput, Progress } from "../../workflows/contract.ts";
import type { Deps } from "../deps.ts";
import { DestinationSlots } from "../destination-slots.ts";
import type { Pulse } from "../pulse.ts";
import { step } from "../steps.ts";
import { Tally } from "../tally.ts";
import { findingsOf } from "./compare.ts";
import { confirmMisses } from "./confirm-misses.ts";
import { listDestination } from "./list-destination.ts";
import { missedUsers } from "./misses.ts";
import { verifyMemberships } from "./verify-memberships.ts";
import type { Verifying } from "./verifying.ts";

const SHARE_MS = 60_000;
const MORE = { status: "more" } as const;

/**
 * Finds every imported user at the destination by listing it, compares each in full with what was written, and
 * asks for those that the listing did not show one by one; then their memberships likewise. Totals count users.
 */
export async function verify(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress | Blocked> {
  const { ledger } = deps;
  const { file } = await ledger.read((db) => readMigration(db, run.migrationId));
  const destination = deps.destinationOf(file.destination);
  const slots = new DestinationSlots(deps.pacer, destination, pulse.signal);
  const verifying: Verifying = { ledger, destination, slots, pulse, run, file };
  const until = Date.now() + SHARE_MS;
  const listed = await listDestination(verifying, until);
  if ("status" in listed) return listed;
  const confirmed = listed.done ? await confirmMisses(verifying, missedUsers(verifying), until) : listed;
  if ("status" in confirmed) return confirmed;
  const memberships = confirmed.done ? await verifyMemberships(verifying, until) : MORE;
  if (memberships.status === "blocked") return memberships;
  const { done: of } = await ledger.read((db) => phaseCounts(db, run.migrationId, "users"));
  if (memberships.status === "more")
    return { status: "more", totals: { done: listed.counters.seen ?? 0, failed: 0, skipped: 0, of } };
  const findings = [...findingsOf(new Tally(listed.counters)), ...memberships.findings];
  await step(verifying, (tx) => replaceFindings(tx, run.migrationId, run.generation, "verify", findings));
  return { status: "complete", totals: { done: of, failed: 0, skipped: 0, of } };
}
