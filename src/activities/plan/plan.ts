import type { Blocked, PhaseInput, PhaseTotals, Progress } from "../../domain/contract.ts";
import type { PoolGroup } from "../../domain/pool.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { type Counters, readCursor } from "../../ledger/cursors.ts";
import { indexClusters } from "../../ledger/plan.ts";
import { readMigration } from "../../ledger/runs.ts";
import { GONE_PREFIX } from "../../plan/counters.ts";
import { sendableRoles } from "../../plan/roles.ts";
import type { Deps } from "../deps.ts";
import { conclude } from "./conclude.ts";
import { decideUsers } from "./decide-users.ts";
import { linkAccounts } from "./link-accounts.ts";
import { planRemovals, removalCounters } from "./plan-removals.ts";
import { planRoles } from "./plan-roles.ts";
import type { Planning } from "./planning.ts";

const SHARE_MS = 60_000;
/** For the largest of pools, on a slow disk. */
const INDEX_TIMEOUT_MS = 10 * 60_000;

/** Gives every listed user one decision, in slices that never cut a cluster, and numbers the work items. */
export async function plan(
  deps: Deps,
  { run, accepted }: PhaseInput,
  pulse: Pulse,
): Promise<Progress | Blocked> {
  const { ledger } = deps;
  const { file } = await ledger.read((db) => readMigration(db, run.migrationId));
  const groups = await ledger.read((db) => readConfiguration<PoolGroup>(db, run.migrationId, "group"));
  const destination = deps.destinationOf(file.destination);
  const { roles } = sendableRoles(file, groups, destination);
  const walked = await readCursor(ledger, cursorId(run, "groups"));
  const goneGroups = new Set(new Tally(walked.counters).withPrefix(GONE_PREFIX).map(([group]) => group));
  const planning: Planning = { ledger, pulse, run, file, destination, roles, goneGroups };
  await pulse.during(INDEX_TIMEOUT_MS, () => ledger.writeSoon(indexClusters));
  await planRoles(planning, groups);
  const until = performance.now() + SHARE_MS;
  if (!(await linkAccounts(planning, until))) return { status: "more", totals: totalsOf({}, false) };
  const { done, counters } = await decideUsers(planning, until);
  if (!done) return { status: "more", totals: totalsOf(counters, false) };
  if (!(await planRemovals(planning, until))) return { status: "more", totals: totalsOf(counters, false) };
  const removals = await removalCounters(ledger, run);
  const stopped = await conclude(planning, { ...counters, ...removals }, accepted);
  return stopped ?? { status: "complete", totals: totalsOf(counters, true) };
}

function totalsOf({ planned = 0, skip = 0 }: Counters, isComplete: boolean): PhaseTotals {
  return { done: planned - skip, failed: 0, skipped: skip, of: isComplete ? planned : null };
}
