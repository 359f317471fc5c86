/** Names of calls in journal and faults, by method and path. */
export const OPERATIONS: readonly [method: string, path: string, operation: string][] = [
  ["POST", "/user_management/users", "createUser"],
  ["GET", "/user_management/users", "listUsers"],
  ["GET", "/user_management/users/external_id/:external_id", "getUserByExternalId"],
  ["GET", "/user_management/users/:id", "getUser"],
  ["PUT", "/user_management/users/:id", "updateUser"],
  ["DELETE", "/user_management/users/:id", "deleteUser"],
  ["POST", "/user_management/organization_memberships", "createMembership"],
  ["GET", "/user_management/organization_memberships", "listMemberships"],
  ["GET", "/user_management/organization_memberships/:id", "getMembership"],
  ["PUT", "/user_management/organization_memberships/:id", "updateMembership"],
  ["DELETE", "/user_management/organization_memberships/:id", "deleteMembership"],
  ["POST", "/user_management/redirect_uris", "createRedirectUri"],
  ["GET", "/user_management/redirect_uris", "listRedirectUris"],
  ["DELETE", "/user_management/redirect_uris/:id", "deleteRedirectUri"],
  ["GET", "/user_management/authorize", "authorize"],
  ["GET", "/sso/authorize", "ssoAuthorize"],
  ["POST", "/organizations", "createOrganization"],
  ["GET", "/organizations", "listOrganizations"],
  ["GET", "/organizations/external_id/:external_id", "getOrganizationByExternalId"],
  ["GET", "/organizations/:id", "getOrganization"],
  ["DELETE", "/organizations/:id", "deleteOrganization"],
  ["POST", "/authorization/roles", "createRole"],
  ["GET", "/authorization/roles", "listRoles"],
  ["GET", "/authorization/roles/:slug", "getRole"],
  ["POST", "/authorization/roles/:slug/permissions", "addRolePermission"],
  ["PUT", "/authorization/roles/:slug/permissions", "setRolePermissions"],
  ["POST", "/authorization/permissions", "createPermission"],
  ["GET", "/authorization/permissions", "listPermissions"],
  ["GET", "/authorization/permissions/:slug", "getPermission"],
  ["POST", "/connect/applications", "createApplication"],
  ["GET", "/connect/applications", "listApplications"],
  ["GET", "/connect/applications/:id", "getApplication"],
  ["PUT", "/connect/applications/:id", "updateApplication"],
  ["DELETE", "/connect/applications/:id", "deleteApplication"],
  ["POST", "/connect/applications/:id/client_secrets", "createClientSecret"],
  ["GET", "/connect/applications/:id/client_secrets", "listClientSecrets"],
  ["DELETE", "/connect/client_secrets/:id", "deleteClientSecret"],
  ["POST", "/connections", "createConnection"],
  ["GET", "/connections", "listConnections"],
  ["GET", "/connections/:id", "getConnection"],
  ["DELETE", "/connections/:id", "deleteConnection"],
  ["POST", "/portal/generate_link", "generatePortalLink"],
];

const PATTERNS = OPERATIONS.map(([method, path, operation]) => ({
  method,
  path: new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`),
  operation,
}));

export function operationOf(method: string, path: string): string {
  const known = PATTERNS.find((pattern) => pattern.method === method && pattern.path.test(path));
  return known?.operation ?? "unknown";
}
