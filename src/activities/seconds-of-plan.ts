import { itemsPerCall } from "../destinations/items-per-call.ts";
import type { Changes, ChangesOfRun, MailsOfRun, RunRef, WriteSeconds } from "../domain/contract.ts";
import type { Migration } from "../domain/migration.ts";
import { cursorId } from "../engine/steps.ts";
import { Tally } from "../engine/tally.ts";
import { readCursor } from "../ledger/cursors.ts";
import { PLAN_WALK } from "../plan/counters.ts";
import { writeSeconds } from "../plan/phase-seconds.ts";
import type { Deps } from "./deps.ts";
import { PERMISSIONS, toDo } from "./plan/counters-of-plan.ts";
import { ROLES_WALK } from "./plan/plan-roles.ts";

interface PlanOfRun {
  file: Migration;
  /** People that the pool lists. */
  listed: number;
  changes: ChangesOfRun;
  mails: MailsOfRun | null;
}

/** How long a run would write what the plan of a dry run has counted, at the pace of its file. */
export async function secondsOfPlan(
  { ledger, destinationOf }: Deps,
  run: RunRef,
  { file, listed, changes, mails }: PlanOfRun,
): Promise<WriteSeconds> {
  const counted = async (walk: string) => new Tally((await readCursor(ledger, cursorId(run, walk))).counters);
  const people = await counted(PLAN_WALK);
  const roles = await counted(ROLES_WALK);
  const planned = {
    organizations: people.get(toDo("organization", "create")),
    roles: roles.get(toDo("role", "create")),
    permissions: roles.get(PERMISSIONS),
    users: sum(changes.users),
    memberships: sum(changes.memberships),
    mails: mails?.mailed ?? 0,
  };
  return writeSeconds(file, listed, planned, itemsPerCall(destinationOf(file.destination)));
}

function sum({ made, changed, removed }: Changes): number {
  return made + changed + removed;
}
