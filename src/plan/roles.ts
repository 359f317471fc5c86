import type { Migration } from "../domain/migration.ts";
import { ownValue } from "../domain/own-value.ts";
import type { PoolGroup } from "../domain/pool.ts";
import type { KnowsStructure, RoleRecord } from "../domain/records.ts";
import { organizationOfGroup } from "./organizations.ts";

/** A group that is a role at the destination. */
export interface GroupRole {
  group: string;
  slug: string;
  /** The lowest wins; a group without one comes last. */
  precedence: number;
}

/** Roles by the group that gives them. Pure. */
export function groupRoles(file: Migration, groups: readonly PoolGroup[]): GroupRole[] {
  const { roles } = file;
  if (roles === undefined) return [];
  return groups.flatMap(({ name, precedence }) => {
    const slug = slugOf(file, name);
    return slug === null ? [] : [{ group: name, slug, precedence: precedence ?? Number.POSITIVE_INFINITY }];
  });
}

/** Null for a group that is no role: by the file, as an organization, or because Cognito made it for a provider. */
function slugOf(file: Migration, group: string): string | null {
  const named = file.roles?.groups ?? {};
  if (Object.hasOwn(named, group)) return named[group] ?? null;
  if (isOfProvider(file, group) || organizationOfGroup(file.organizations, group) !== null) return null;
  return slugified(group);
}

/** Cognito puts everyone who comes from an identity provider into `<pool id>_<provider>`. */
export function isOfProvider({ source }: Pick<Migration, "source">, group: string): boolean {
  return group.startsWith(`${source.userPoolId}_`);
}

function slugified(group: string): string {
  return group
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}+/gu, "")
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^[-_]+|-+$/g, "");
}

/** Those whose slug is made of the group's name. */
export function rolesByName(file: Migration, groups: readonly PoolGroup[]): GroupRole[] {
  const named = file.roles?.groups ?? {};
  return groupRoles(file, groups).filter(({ group }) => !Object.hasOwn(named, group));
}

/** Groups that would silently share a role: only those whose slug the file does not name. */
export function slugConflicts(file: Migration, roles: readonly GroupRole[]): GroupRole[][] {
  const named = file.roles?.groups ?? {};
  const bySlug = [...Map.groupBy(roles, (role) => role.slug).values()];
  return bySlug.filter((same) => same.length > 1 && !same.every(({ group }) => Object.hasOwn(named, group)));
}

/** The roles of a member of these groups, by precedence: the first one, or all where the file says so. Pure. */
export function rolesOf(file: Migration, roles: readonly GroupRole[], groups: ReadonlySet<string>): string[] {
  const own = roles
    .filter(({ group }) => groups.has(group))
    .sort((a, b) => a.precedence - b.precedence || (a.group < b.group ? -1 : 1));
  const slugs = [...new Set(own.map(({ slug }) => slug))];
  return file.roles?.several ? slugs : slugs.slice(0, 1);
}

/** What the destination is to hold for each role. */
function roleRecords(
  file: Migration,
  roles: readonly GroupRole[],
  groups: readonly PoolGroup[],
): RoleRecord[] {
  const permissions = file.roles?.permissions ?? {};
  return [...Map.groupBy(roles, (role) => role.slug)].map(([slug, [first]]) => {
    const group = groups.find(({ name }) => name === first?.group);
    return {
      slug,
      name: first?.group ?? slug,
      description: group?.description ?? "",
      permissions: ownValue(permissions, slug) ?? [],
    };
  });
}

/** The roles that the pool's groups become, as the destination takes them. */
export function sendableRoles(
  file: Migration,
  groups: readonly PoolGroup[],
  destination: KnowsStructure,
): { roles: GroupRole[]; records: RoleRecord[] } {
  const roles = groupRoles(file, groups);
  const records = roleRecords(file, roles, groups).map((record) => {
    if (destination.roleProblems(record).length === 0) return record;
    // Name and description only help people who read them: the slug says it as well.
    return { ...record, name: record.slug, description: "" };
  });
  return { roles, records };
}
