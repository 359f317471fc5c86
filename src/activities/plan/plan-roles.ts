import type { PoolGroup } from "../../cognito/configuration.ts";
import type { Destination } from "../../destinations/destination.ts";
import type { RoleRecord } from "../../destinations/structure.ts";
import type { Migration } from "../../migration.ts";
import { type GroupRole, groupRoles, roleRecords } from "../../plan/roles.ts";
import { roleKey } from "../structure/structure-work.ts";
import { planEntities } from "./plan-entities.ts";
import { type Planning, slice } from "./planning.ts";

const SLICE_ROLES = 500;

/** The roles that the pool's groups become, as the destination takes them. */
export function sendableRoles(
  file: Migration,
  groups: readonly PoolGroup[],
  destination: Destination,
): { roles: GroupRole[]; records: RoleRecord[] } {
  const roles = groupRoles(file, groups);
  const records = roleRecords(file, roles, groups).map((record) => {
    if (destination.structure.roleProblems(record).length === 0) return record;
    // Name and description only help people who read them: the slug says it as well.
    return { ...record, name: record.slug, description: "" };
  });
  return { roles, records };
}

/** Numbers the roles among the work of the structure phase. */
export async function planRoles(planning: Planning, groups: readonly PoolGroup[]): Promise<void> {
  const { migrationId } = planning.run;
  const { records } = sendableRoles(planning.file, groups, planning.destination);
  const entities = records.map((record) => ({ key: roleKey(record.slug), kind: "role", data: record }));
  for (let from = 0; from < entities.length; from += SLICE_ROLES)
    await slice(planning, (tx) =>
      planEntities(tx, migrationId, "structure", entities.slice(from, from + SLICE_ROLES)),
    );
}
