import {
  createApplicationStore,
  createClientSecretStore,
  type WorkosApplication,
  type WorkosClientSecret,
} from "./application-store.ts";
import { createConnectionStore, type WorkosConnection } from "./connection-store.ts";
import { createEventStore, type EventStore } from "./event-store.ts";
import type { ListedStore } from "./listed-store.ts";
import { createMembershipStore, type WorkosMembership } from "./membership-store.ts";
import { createOrganizationStore, type WorkosOrganization } from "./organization-store.ts";
import { createPasswordResetStore, type WorkosPasswordReset } from "./password-reset-store.ts";
import { PasswordStore } from "./passwords.ts";
import type { ConfigurableProvider, ConfiguredProvider } from "./providers.ts";
import { createRedirectUriStore, type WorkosRedirectUri } from "./redirect-uri-store.ts";
import {
  createPermissionStore,
  createRoleStore,
  type WorkosPermission,
  type WorkosRole,
} from "./role-store.ts";
import { UserStore } from "./user-store.ts";

/** Everything that one environment holds. */
export interface Stores {
  users: UserStore;
  passwords: PasswordStore;
  /** Ids of the users with a second factor. */
  mfaEnrolled: Set<string>;
  /** Those that were not completed yet, expired ones included. */
  passwordResets: ListedStore<WorkosPasswordReset>;
  events: EventStore;
  organizations: ListedStore<WorkosOrganization>;
  memberships: ListedStore<WorkosMembership>;
  roles: ListedStore<WorkosRole>;
  permissions: ListedStore<WorkosPermission>;
  applications: ListedStore<WorkosApplication>;
  clientSecrets: ListedStore<WorkosClientSecret>;
  redirectUris: ListedStore<WorkosRedirectUri>;
  connections: ListedStore<WorkosConnection>;
  /** Configured in the dashboard. */
  providers: Map<ConfigurableProvider, ConfiguredProvider>;
}

export function createStores(): Stores {
  return {
    users: new UserStore(),
    passwords: new PasswordStore(),
    mfaEnrolled: new Set(),
    passwordResets: createPasswordResetStore(),
    events: createEventStore(),
    organizations: createOrganizationStore(),
    memberships: createMembershipStore(),
    roles: createRoleStore(),
    permissions: createPermissionStore(),
    applications: createApplicationStore(),
    clientSecrets: createClientSecretStore(),
    redirectUris: createRedirectUriStore(),
    connections: createConnectionStore(),
    providers: new Map(),
  };
}
