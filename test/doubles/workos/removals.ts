import type { WorkosApplication } from "./application-store.ts";
import type { WorkosOrganization } from "./organization-store.ts";
import type { Stores } from "./stores.ts";
import type { WorkosUser } from "./user-store.ts";

/** What goes with what is deleted. */

export function removeUser({ users, passwords, mfaEnrolled, memberships }: Stores, user: WorkosUser): void {
  for (const membership of memberships.inGroup(user.id)) memberships.remove(membership);
  passwords.remove(user.id);
  mfaEnrolled.delete(user.id);
  users.remove(user);
}

export function removeOrganization(stores: Stores, organization: WorkosOrganization): void {
  const { organizations, memberships, connections, applications } = stores;
  const { id } = organization;
  for (const membership of memberships.inGroup(id)) memberships.remove(membership);
  for (const connection of connections.inGroup(id)) connections.remove(connection);
  const owned = applications.all().filter(({ organization_id }) => organization_id === id);
  for (const application of owned) removeApplication(stores, application);
  organizations.remove(organization);
}

export function removeApplication(
  { applications, clientSecrets }: Stores,
  application: WorkosApplication,
): void {
  const deleted_at = new Date().toISOString();
  const left = clientSecrets.inGroup(application.id).filter((secret) => secret.deleted_at === null);
  for (const secret of left) clientSecrets.change(secret, { deleted_at });
  applications.remove(application);
}
