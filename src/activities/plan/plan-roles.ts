import type { PoolGroup } from "../../domain/pool.ts";
import { cursorId } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { sendableRoles } from "../../plan/roles.ts";
import { PERMISSIONS, toDo } from "./counters-of-plan.ts";
import { planObjects } from "./plan-objects.ts";
import { type Planning, slice } from "./planning.ts";

export const ROLES_WALK = "plan:roles";
const SLICE_ROLES = 500;

/** Plans the roles that the pool's groups become, once a run. */
export async function planRoles(planning: Planning, groups: readonly PoolGroup[]): Promise<void> {
  const { run, file, ledger, pulse } = planning;
  const { records } = sendableRoles(file, groups, planning.destination);
  const objects = records.map((record) => ({ kind: "role" as const, key: record.slug, data: { ...record } }));
  const id = cursorId(run, ROLES_WALK);
  const permissionsOf = new Map(records.map(({ slug, permissions }) => [slug, permissions.length]));
  const cursor = await takeCursor(ledger, id, pulse.fence);
  const tally = new Tally(cursor.counters);
  for (let from = Number(cursor.position ?? 0); from < objects.length; from += SLICE_ROLES)
    await slice(planning, async (tx) => {
      const some = objects.slice(from, from + SLICE_ROLES);
      for (const { key, difference } of await planObjects(tx, run, "structure", some, file.dryRun)) {
        tally.add(toDo("role", difference.kind), 1);
        if (difference.kind === "create") tally.add(PERMISSIONS, permissionsOf.get(key) ?? 0);
      }
      const position = String(from + SLICE_ROLES);
      await moveCursor(tx, id, pulse.fence, { ...cursor, position, counters: tally.all() });
    });
}
