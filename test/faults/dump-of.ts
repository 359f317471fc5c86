import type { WorkosDouble } from "../doubles/workos/double.ts";

/** Everything at the destination but roles, which have no delete; and what WorkOS writes by itself. */
export function dumpOf(workos: WorkosDouble) {
  const { users, organizations, memberships, applications, redirectUris, connections } = workos.state();
  return {
    users: users.map(({ updated_at, first_name, last_name, ...user }) => ({
      ...user,
      // WorkOS cannot clear a name: an empty one is none.
      names: [first_name || null, last_name || null],
    })),
    organizations,
    memberships,
    applications,
    redirectUris,
    connections,
  };
}
