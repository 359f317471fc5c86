import type { Migration } from "../domain/migration.ts";
import type { PoolGroup } from "../domain/pool.ts";
import { organizationOfGroup } from "./organizations.ts";
import { groupRoles } from "./roles.ts";

/** The group that `only` names; null without one. */
export function groupOf({ only }: Migration): string | null {
  return only !== undefined && "group" in only ? only.group : null;
}

/** Groups that are roles or organizations, and the one that `only` names; in order of name. */
export function decidingGroups(file: Migration, groups: readonly PoolGroup[]): string[] {
  const roles = groupRoles(file, groups).map(({ group }) => group);
  const organizations = groups
    .map(({ name }) => name)
    .filter((name) => organizationOfGroup(file.organizations, name) !== null);
  const only = groupOf(file);
  const all = new Set([...roles, ...organizations, ...(only === null ? [] : [only])]);
  return [...all].sort((a, b) => (a < b ? -1 : 1));
}
