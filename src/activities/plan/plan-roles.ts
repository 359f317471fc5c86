import type { PoolGroup } from "../../domain/pool.ts";
import { cursorId } from "../../engine/steps.ts";
import { moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { sendableRoles } from "../../plan/roles.ts";
import { planObjects } from "./plan-objects.ts";
import { type Planning, slice } from "./planning.ts";

const SLICE_ROLES = 500;

/** Plans the roles that the pool's groups become, once a run. */
export async function planRoles(planning: Planning, groups: readonly PoolGroup[]): Promise<void> {
  const { run, file, ledger, pulse } = planning;
  const { records } = sendableRoles(file, groups, planning.destination);
  const objects = records.map((record) => ({ kind: "role" as const, key: record.slug, data: { ...record } }));
  const id = cursorId(run, "plan:roles");
  const cursor = await takeCursor(ledger, id, pulse.fence);
  for (let from = Number(cursor.position ?? 0); from < objects.length; from += SLICE_ROLES)
    await slice(planning, async (tx) => {
      await planObjects(tx, run, "structure", objects.slice(from, from + SLICE_ROLES), file.dryRun);
      await moveCursor(tx, id, pulse.fence, { ...cursor, position: String(from + SLICE_ROLES) });
    });
}
