import type { WorkosDouble } from "../doubles/workos/double.ts";
import { SEVERAL } from "./changing-pool.ts";
import { type Stage, setStage } from "./stage.ts";

/** What stands at a destination, in words that two destinations of one pool share: no ids, no times. */
export function standsAt(workos: WorkosDouble) {
  const { organizations, memberships, roles } = workos.state();
  const keys = new Map([...workos.users.values()].map(({ id, external_id }) => [id, external_id]));
  const names = new Map(organizations.map(({ id, external_id }) => [id, external_id]));
  const people = [...workos.users.values()].map((user) => ({
    key: user.external_id,
    email: user.email,
    verified: user.email_verified,
    // WorkOS cannot clear a name: an empty one is none.
    names: [user.first_name || null, user.last_name || null],
    metadata: Object.entries(user.metadata).sort(),
  }));
  return {
    people: people.toSorted((one, other) => (String(one.key) < String(other.key) ? -1 : 1)),
    members: memberships
      .map(({ user_id, organization_id, status, roles: own }) =>
        [keys.get(user_id), names.get(organization_id), status, ...own.map(({ slug }) => slug).sort()].join(
          " ",
        ),
      )
      .sort(),
    organizations: organizations.map(({ external_id, name }) => `${external_id} ${name}`).sort(),
    roles: roles.map(({ slug }) => slug).sort(),
  };
}

/** What a destination holds that was never migrated to before. */
export async function freshOf({ pool, file }: Stage) {
  const stage = await setStage({ pool: structuredClone(pool), file, workos: SEVERAL });
  await stage.work();
  await (await stage.start()).result();
  return standsAt(stage.workos);
}
