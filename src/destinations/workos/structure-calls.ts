import type { WorkOS } from "@workos-inc/node";
import type {
  FoundMember,
  MembershipPage,
  MembershipRecord,
  OrganizationRecord,
  RoleRecord,
} from "../structure.ts";
import { type Called, called, nullIfAbsent } from "./called.ts";
import { pageQuery } from "./pages.ts";
import type { Made } from "./settle.ts";
import {
  type FoundMembership,
  toMade,
  toMembers,
  toMembership,
  toMembershipOptions,
  toOrganizationOptions,
  toRole,
  toRoleOptions,
} from "./structure-mapping.ts";

const MEMBERSHIPS = "/user_management/organization_memberships";
const EVERY_STATUS = ["active", "inactive", "pending"] as const;

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
  /** One page, oldest first, whatever their status. */
  members(organizationId: string, cursor: string | null): Promise<Called<MembershipPage>>;
  /** The same of one person: their key, which the SDK leaves out, and their roles. */
  member(userId: string, organizationId: string): Promise<Called<FoundMember | null>>;
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
    members: (organizationId, cursor) => listMembers(client, organizationId, cursor),
    member: async (userId, organizationId) =>
      nullIfAbsent(await called(() => findMember(client, userId, organizationId))),
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
    statuses: [...EVERY_STATUS],
  });
  return notInvited(data.map(toMembership));
}

/** An organization that was removed has no members; behind a cursor, it may be the cursor that is refused. */
async function listMembers(
  client: WorkOS,
  organizationId: string,
  cursor: string | null,
): Promise<Called<MembershipPage>> {
  const query = { organization_id: organizationId, ...pageQuery(cursor) };
  const page = await called(() => readMembers(client, query));
  if (cursor !== null) return page;
  const first = nullIfAbsent(page);
  return first.ok ? { ok: true, value: first.value ?? { members: [], nextCursor: null } } : first;
}

async function findMember(
  client: WorkOS,
  userId: string,
  organizationId: string,
): Promise<FoundMember | null> {
  const { members } = await readMembers(client, { user_id: userId, organization_id: organizationId });
  return notInvited(members);
}

/** Past the SDK, which drops whose memberships they are. */
async function readMembers(client: WorkOS, query: Record<string, string | number>): Promise<MembershipPage> {
  const statuses = EVERY_STATUS.join(",");
  return toMembers((await client.get<unknown>(MEMBERSHIPS, { query: { ...query, statuses } })).data);
}

/** An invitation counts only where there is nothing else. */
function notInvited<Found extends { status: string }>(found: readonly Found[]): Found | null {
  return found.find(({ status }) => status !== "pending") ?? found[0] ?? null;
}
