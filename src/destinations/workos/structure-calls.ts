import type { WorkOS } from "@workos-inc/node";
import type { MembershipRecord, OrganizationRecord, RoleRecord } from "../structure.ts";
import { type Called, called, nullIfAbsent } from "./called.ts";
import type { Made } from "./settle.ts";
import {
  type FoundMembership,
  toMade,
  toMembership,
  toMembershipOptions,
  toOrganizationOptions,
  toRole,
  toRoleOptions,
} from "./structure-mapping.ts";

/** One HTTP call each; never rejects. */
export interface StructureCalls {
  createOrganization(record: OrganizationRecord): Promise<Called<Made>>;
  organization(externalId: string): Promise<Called<Made | null>>;
  createRole(record: RoleRecord): Promise<Called<Made>>;
  role(slug: string): Promise<Called<Made | null>>;
  createPermission(slug: string): Promise<Called<Made>>;
  /** Leaves those alone that the role has. */
  addPermission(role: string, permission: string): Promise<Called<Made>>;
  createMembership(record: MembershipRecord): Promise<Called<Made>>;
  /** Whatever its status. */
  membership(userId: string, organizationId: string): Promise<Called<FoundMembership | null>>;
}

export function createStructureCalls(client: WorkOS): StructureCalls {
  const { organizations, authorization, userManagement } = client;
  return {
    createOrganization: (record) =>
      called(async () => toMade(await organizations.createOrganization(toOrganizationOptions(record)))),
    organization: async (externalId) =>
      nullIfAbsent(
        await called(async () => toMade(await organizations.getOrganizationByExternalId(externalId))),
      ),
    createRole: (record) =>
      called(async () => toRole(await authorization.createEnvironmentRole(toRoleOptions(record)))),
    role: async (slug) =>
      nullIfAbsent(await called(async () => toRole(await authorization.getEnvironmentRole(slug)))),
    createPermission: (slug) =>
      called(async () => toMade(await authorization.createPermission({ slug, name: slug }))),
    addPermission: (role, permissionSlug) =>
      called(async () => toRole(await authorization.addEnvironmentRolePermission(role, { permissionSlug }))),
    createMembership: (record) =>
      called(async () =>
        toMembership(await userManagement.createOrganizationMembership(toMembershipOptions(record))),
      ),
    membership: async (userId, organizationId) =>
      nullIfAbsent(await called(() => findMembership(userManagement, userId, organizationId))),
  };
}

/** By default only active ones are listed. Of a person and an organization there is one at most. */
async function findMembership(
  userManagement: WorkOS["userManagement"],
  userId: string,
  organizationId: string,
): Promise<FoundMembership | null> {
  const { data } = await userManagement.listOrganizationMemberships({
    userId,
    organizationId,
    statuses: ["active", "inactive", "pending"],
  });
  const found = data.map(toMembership);
  return found.find(({ status }) => status !== "pending") ?? found[0] ?? null;
}
