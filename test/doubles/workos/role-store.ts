import { ListedStore, type Stamp } from "./listed-store.ts";

/** OpenAPI 0.61, `Role`. */
export interface WorkosRole extends Stamp {
  object: "role";
  slug: string;
  name: string;
  description: string | null;
  type: "EnvironmentRole";
  resource_type_slug: string;
  /** Slugs. */
  permissions: string[];
}

/** OpenAPI 0.61, `AuthorizationPermission`. */
export interface WorkosPermission extends Stamp {
  object: "permission";
  slug: string;
  name: string;
  description: string | null;
  system: boolean;
  resource_type_slug: string;
}

/** The only resource type that an environment has from the start. */
export const ORGANIZATION_RESOURCE = "organization";

/** What a membership gets that names no role; every environment has it from the start. */
export const DEFAULT_ROLE = "member";

export function createRoleStore(): ListedStore<WorkosRole> {
  const store = new ListedStore<WorkosRole>({ idPrefix: "role", keyOf: (role) => role.slug });
  store.add({
    object: "role",
    ...store.stamp(),
    slug: DEFAULT_ROLE,
    name: "Member",
    description: null,
    type: "EnvironmentRole",
    resource_type_slug: ORGANIZATION_RESOURCE,
    permissions: [],
  });
  return store;
}

export function createPermissionStore(): ListedStore<WorkosPermission> {
  return new ListedStore({ idPrefix: "perm", keyOf: (permission) => permission.slug });
}
