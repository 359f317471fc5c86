import { DomainDataState, type WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { MembershipPage, MembershipRecord, OrganizationRecord, RoleRecord } from "../structure.ts";
import type { Made } from "./settle.ts";

type OrganizationOptions = Parameters<WorkOS["organizations"]["createOrganization"]>[0];
type RoleOptions = Parameters<WorkOS["authorization"]["createEnvironmentRole"]>[0];
type MembershipOptions = Parameters<WorkOS["userManagement"]["createOrganizationMembership"]>[0];

export function toOrganizationOptions(record: OrganizationRecord): OrganizationOptions {
  const { externalId, name, verifiedDomains } = record;
  const domainData = verifiedDomains.map((domain) => ({ domain, state: DomainDataState.Verified }));
  return { name: name.trim(), externalId, ...(domainData.length === 0 ? {} : { domainData }) };
}

export function toRoleOptions({ slug, name, description }: RoleRecord): RoleOptions {
  return { slug, name: name.trim(), ...(description === "" ? {} : { description }) };
}

/** `role_slugs` only for several: an environment may have them turned off. */
export function toMembershipOptions({ userId, organizationId, roles }: MembershipRecord): MembershipOptions {
  const [roleSlug, ...others] = roles;
  if (roleSlug === undefined) return { userId, organizationId };
  if (others.length === 0) return { userId, organizationId, roleSlug };
  return { userId, organizationId, roleSlugs: [...roles] };
}

const createdAt = z.iso.datetime({ offset: true });
const answered = z.object({ id: z.string().min(1), createdAt });
const answeredRole = z.object({ slug: z.string().min(1), createdAt });
const membershipStatus = z.enum(["active", "inactive", "pending"]);
const answeredMembership = answered.extend({ status: membershipStatus });

const slug = z.object({ slug: z.string().min(1) });
/** `UserlandUserOrganizationMembershipList` of OpenAPI 0.61. The SDK's own type has `roles` optional, and no `user`. */
const answeredMembers = z.object({
  data: z.array(
    z.object({
      status: membershipStatus,
      role: slug,
      roles: z.array(slug).optional(),
      user: z.object({ external_id: z.string().nullable() }).optional().catch(undefined),
    }),
  ),
  list_metadata: z.object({ after: z.string().nullish() }),
});

export interface FoundMembership extends Made {
  status: z.output<typeof answeredMembership>["status"];
}

/** Throws, as its neighbours do, when the answer lacks what an outcome rests on. */
export function toMade(answer: unknown): Made {
  const { id, createdAt } = answered.parse(answer);
  return { id, createdAtMs: Date.parse(createdAt) };
}

/** A role's own id serves no call: everything asks for its slug. */
export function toRole(answer: unknown): Made {
  const { slug, createdAt } = answeredRole.parse(answer);
  return { id: slug, createdAtMs: Date.parse(createdAt) };
}

export function toMembership(answer: unknown): FoundMembership {
  const { id, createdAt, status } = answeredMembership.parse(answer);
  return { id, createdAtMs: Date.parse(createdAt), status };
}

export function toMembers(answer: unknown): MembershipPage {
  const { data, list_metadata } = answeredMembers.parse(answer);
  const members = data.map(({ status, role, roles = [role], user }) => ({
    userExternalId: user?.external_id ?? null,
    status,
    roles: roles.map((one) => one.slug),
  }));
  return { members, nextCursor: list_metadata.after ?? null };
}
