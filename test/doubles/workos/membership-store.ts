import { ListedStore, type Stamp } from "./listed-store.ts";

export const MEMBERSHIP_STATUSES = ["active", "inactive", "pending"] as const;

/** OpenAPI 0.61, `UserlandUserOrganizationMembership`, without what it repeats of user and organization. */
export interface WorkosMembership extends Stamp {
  object: "organization_membership";
  user_id: string;
  organization_id: string;
  status: (typeof MEMBERSHIP_STATUSES)[number];
  directory_managed: boolean;
  /** The first of `roles`. */
  role: { slug: string };
  roles: { slug: string }[];
}

export type MembershipIds = Pick<WorkosMembership, "user_id" | "organization_id">;

export const membershipKey = ({ user_id, organization_id }: MembershipIds) => `${user_id} ${organization_id}`;

/** Grouped by the ids of user and organization. */
export function createMembershipStore(): ListedStore<WorkosMembership> {
  return new ListedStore<WorkosMembership>({
    idPrefix: "om",
    keyOf: membershipKey,
    groupsOf: ({ user_id, organization_id }) => [user_id, organization_id],
  });
}
