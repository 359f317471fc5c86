import type { WorkosApplication, WorkosClientSecret } from "./application-store.ts";
import type { WorkosConnection } from "./connection-store.ts";
import type { WorkosMembership } from "./membership-store.ts";
import type { WorkosOrganization } from "./organization-store.ts";
import type { ConfiguredProvider } from "./providers.ts";
import type { WorkosRedirectUri } from "./redirect-uri-store.ts";
import type { WorkosPermission, WorkosRole } from "./role-store.ts";
import type { Stores } from "./stores.ts";
import type { WorkosUser } from "./user-store.ts";

/**
 * Everything that the double holds. The counts are of creations over the API, also of what is deleted since: more than
 * 1 is something made twice.
 */
export interface WorkosState {
  users: WorkosUser[];
  /** Users. */
  createdByExternalId: Record<string, number>;
  /** Password resets by user id. */
  resetMails: Record<string, number>;
  organizations: WorkosOrganization[];
  /** By external id. */
  createdOrganizations: Record<string, number>;
  memberships: WorkosMembership[];
  /** By `<user id> <organization id>`. */
  createdMemberships: Record<string, number>;
  roles: WorkosRole[];
  /** By slug. */
  createdRoles: Record<string, number>;
  permissions: WorkosPermission[];
  applications: WorkosApplication[];
  /** By description; one without is not counted. */
  createdApplications: Record<string, number>;
  /** Also deleted ones, all with their values. */
  clientSecrets: WorkosClientSecret[];
  redirectUris: WorkosRedirectUri[];
  /** With what they were set up with. */
  connections: WorkosConnection[];
  /** By `<organization id> <external id>`; one without an external id is not counted. */
  createdConnections: Record<string, number>;
  /** Configured in the dashboard. */
  providers: ConfiguredProvider[];
}

export function stateOf(stores: Stores): WorkosState {
  const { users, organizations, memberships, roles, applications, connections } = stores;
  return {
    users: [...users.users.values()],
    createdByExternalId: Object.fromEntries(users.createdByExternalId),
    resetMails: Object.fromEntries(stores.passwordResets.created),
    organizations: organizations.all(),
    createdOrganizations: Object.fromEntries(organizations.created),
    memberships: memberships.all(),
    createdMemberships: Object.fromEntries(memberships.created),
    roles: roles.all(),
    createdRoles: Object.fromEntries(roles.created),
    permissions: stores.permissions.all(),
    applications: applications.all(),
    createdApplications: Object.fromEntries(applications.created),
    clientSecrets: stores.clientSecrets.all(),
    redirectUris: stores.redirectUris.all(),
    connections: connections.all(),
    createdConnections: Object.fromEntries(connections.created),
    providers: [...stores.providers.values()],
  };
}
