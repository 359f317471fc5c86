import type { WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { MembershipRecord } from "../../domain/records.ts";
import type { FoundMember, MembershipPage } from "../structure.ts";
import { called, goodRows, pageQuery, removed } from "./calls.ts";
import type { Made } from "./settle.ts";

/** What is asked of WorkOS about memberships, and how its answers are read. */

const MEMBERSHIPS = "/user_management/organization_memberships";
/** By default only active ones are listed. */
const EVERY_STATUS = ["active", "inactive", "pending"] as const;

export type MembershipCalls = ReturnType<typeof membershipCalls>;

/** One HTTP call each; never rejects. */
export function membershipCalls(client: WorkOS) {
  const { userManagement } = client;
  /** Past the SDK, which drops whose memberships they are. */
  const read = async (query: Record<string, string | number>) => {
    const statuses = EVERY_STATUS.join(",");
    return (await client.get<unknown>(MEMBERSHIPS, { query: { ...query, statuses } })).data;
  };
  return {
    create: (record: MembershipRecord) =>
      called(async () => toMembership(await userManagement.createOrganizationMembership(toOptions(record)))),
    /** Another set of roles for it, which has one at least. */
    change: (id: string, { roles }: Pick<MembershipRecord, "roles">) =>
      called(async () => {
        const options = roles.length === 1 ? { roleSlug: roles[0] ?? "" } : { roleSlugs: [...roles] };
        return toMembership(await userManagement.updateOrganizationMembership(id, options));
      }),
    remove: (id: string) => removed(() => userManagement.deleteOrganizationMembership(id)),
    byId: (id: string) =>
      called(async () => toMembership(await userManagement.getOrganizationMembership(id))),
    membership: (userId: string, organizationId: string) =>
      called(async () => {
        const query = { userId, organizationId, statuses: [...EVERY_STATUS] };
        const { data } = await userManagement.listOrganizationMemberships(query);
        return notInvited(data.map(toMembership));
      }),
    /** One page, oldest first. */
    members: (organizationId: string, cursor: string | null) =>
      called(async () => toMembers(await read({ organization_id: organizationId, ...pageQuery(cursor) }))),
    member: (userId: string, organizationId: string) =>
      called(async () => {
        const { members, unreadable } = toMembers(
          await read({ user_id: userId, organization_id: organizationId }),
        );
        if (unreadable.length > 0) throw new Error("A membership in the answer cannot be read.");
        return notInvited(members);
      }),
  };
}

/** An invitation counts only where there is nothing else. */
function notInvited<Found extends { status: string }>(found: readonly Found[]): Found | null {
  return found.find(({ status }) => status !== "pending") ?? found[0] ?? null;
}

type Options = Parameters<WorkOS["userManagement"]["createOrganizationMembership"]>[0];

/** `role_slugs` only for several: an environment may have them turned off. */
function toOptions({ userId, organizationId, roles }: MembershipRecord): Options {
  const [roleSlug, ...others] = roles;
  if (roleSlug === undefined) return { userId, organizationId };
  if (others.length === 0) return { userId, organizationId, roleSlug };
  return { userId, organizationId, roleSlugs: [...roles] };
}

const membershipStatus = z.enum(["active", "inactive", "pending"]);
const slug = z.object({ slug: z.string().min(1) });
const answeredMembership = z.object({
  id: z.string().min(1),
  createdAt: z.iso.datetime({ offset: true }),
  updatedAt: z.string().catch(""),
  status: membershipStatus,
  role: slug,
  roles: z.array(slug).optional(),
});

export interface FoundMembership extends Made {
  /** Nobody changed it since it was made. */
  isAsMade: boolean;
  status: z.output<typeof membershipStatus>;
  /** Slugs, in no order that tells anything. */
  roles: readonly string[];
}

/** Throws when the answer lacks what an outcome rests on. */
function toMembership(answer: unknown): FoundMembership {
  const { id, createdAt, updatedAt, status, role, roles = [role] } = answeredMembership.parse(answer);
  const createdAtMs = Date.parse(createdAt);
  // One that cannot be read may have been any time since.
  const isAsMade = Date.parse(updatedAt) <= createdAtMs;
  return { id, createdAtMs, isAsMade, status, roles: roles.map((one) => one.slug) };
}

/** `UserlandUserOrganizationMembershipList` of OpenAPI 0.61. The SDK's own type has `roles` optional, and no `user`. */
const answeredMember = z.object({
  user_id: z.string().min(1),
  status: membershipStatus,
  role: slug,
  roles: z.array(slug).optional(),
  user: z.object({ external_id: z.string().nullable() }).optional().catch(undefined),
});
const answeredMembers = z.object({
  data: z.array(z.unknown()),
  list_metadata: z.object({ after: z.string().nullish() }),
});

function toMembers(answer: unknown): MembershipPage {
  const { data, list_metadata } = answeredMembers.parse(answer);
  const { good: members, unreadable } = goodRows(data, toMember);
  return { members, unreadable, nextCursor: list_metadata.after ?? null };
}

function toMember(row: unknown): FoundMember {
  const { user_id: userId, status, role, roles = [role], user } = answeredMember.parse(row);
  return { userId, userExternalId: user?.external_id ?? null, status, roles: roles.map((one) => one.slug) };
}
