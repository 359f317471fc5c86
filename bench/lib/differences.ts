import { z } from "zod";
import type { Workos } from "./doubles.ts";
import type { Place } from "./tenant-pool.ts";

const stateSchema = z.object({
  users: z.array(z.object({ id: z.string(), external_id: z.string().nullable() })),
  organizations: z.array(z.object({ id: z.string(), external_id: z.string().nullable() })),
  createdOrganizations: z.record(z.string(), z.number()),
  memberships: z.array(
    z.object({ user_id: z.string(), organization_id: z.string(), role: z.object({ slug: z.string() }) }),
  ),
  createdMemberships: z.record(z.string(), z.number()),
});

type State = z.output<typeof stateSchema>;

/** How what was made differs from what was to be made; all zero after a run as wanted. */
export interface Differences {
  organizationsDoubled: number;
  membershipsMissing: number;
  /** Of the same person, or of somebody who was to have none. */
  membershipsTooMany: number;
  rolesWrong: number;
}

/** Asks the WorkOS double for all that it holds. */
export async function differencesOf({ url }: Workos, places: readonly Place[]): Promise<Differences> {
  const answer = await fetch(`${url}/__double/state`);
  const state = stateSchema.parse(await answer.json());
  const roles = rolesByPlace(state);
  const held = places.map(({ sub, organization }) => roles.get(placeKey(sub, organization)));
  const missing = held.filter((role) => role === undefined).length;
  const made = Object.values(state.createdMemberships).reduce((sum, times) => sum + times, 0);
  return {
    organizationsDoubled: Object.values(state.createdOrganizations).filter((times) => times > 1).length,
    membershipsMissing: missing,
    membershipsTooMany: made - (places.length - missing),
    rolesWrong: held.filter((role, index) => role !== undefined && role !== places[index]?.role).length,
  };
}

/** The roles of memberships, by person and organization. */
function rolesByPlace({ users, organizations, memberships }: State): Map<string, string> {
  const keys = new Map([...users, ...organizations].map(({ id, external_id }) => [id, external_id]));
  return new Map(
    memberships.map(({ user_id, organization_id, role }) => [
      placeKey(keys.get(user_id), keys.get(organization_id)),
      role.slug,
    ]),
  );
}

function placeKey(sub: string | null | undefined, organization: string | null | undefined): string {
  return `${sub} ${organization}`;
}
