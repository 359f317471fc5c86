import type { Changes, ChangesOfRun, RunRef } from "../domain/contract.ts";
import { cursorId } from "../engine/steps.ts";
import { type Counters, readCursor } from "../ledger/cursors.ts";
import { doneByIntent } from "../ledger/queue-endings.ts";
import { lastOrdinal } from "../ledger/queue-questions.ts";
import { PLAN_WALK } from "../plan/counters.ts";
import type { Deps } from "./deps.ts";
import { DELETED_REMOVED, DISABLED_REMOVED, MEMBERSHIPS_REMOVED, toDo } from "./plan/counters-of-plan.ts";
import { removalCounters } from "./plan/plan-removals.ts";

/** Bounds one statement. */
const SLICE = 10_000;
type CountedPhase = keyof ChangesOfRun;

/** What the run wrote, counted by the items of its queue that are done. */
export async function changesOfRun(deps: Deps, run: RunRef): Promise<ChangesOfRun> {
  return { users: await done(deps, run, "users"), memberships: await done(deps, run, "memberships") };
}

async function done({ ledger }: Deps, run: RunRef, phase: CountedPhase): Promise<Changes> {
  const changes: Changes = { made: 0, changed: 0, removed: 0 };
  const last = await ledger.read((db) => lastOrdinal(db, run, phase));
  for (let from = 1; from <= last; from += SLICE) {
    const rows = await ledger.read((db) => doneByIntent(db, run, phase, { from, to: from + SLICE - 1 }));
    for (const { intent, items } of rows) {
      if (intent === "create") changes.made += items;
      else if (intent === "update") changes.changed += items;
      else if (intent === "remove") changes.removed += items;
    }
  }
  return changes;
}

/** What a run would write, as the plan of a dry run counted it. */
export async function changesOfPlan({ ledger }: Deps, run: RunRef): Promise<ChangesOfRun> {
  const { counters: decided } = await readCursor(ledger, cursorId(run, PLAN_WALK));
  const counters: Counters = { ...decided, ...(await removalCounters(ledger, run)) };
  const count = (name: string) => counters[name] ?? 0;
  return {
    users: {
      made: count(toDo("user", "create")),
      changed: count(toDo("user", "update")),
      removed: count(DISABLED_REMOVED) + count(DELETED_REMOVED),
    },
    memberships: {
      made: count(toDo("membership", "create")),
      changed: count(toDo("membership", "update")),
      removed: count(MEMBERSHIPS_REMOVED),
    },
  };
}
