import type { MembershipRecord, OrganizationRecord, RoleRecord, WrittenRoles } from "../domain/records.ts";
import type { Answer, Holdings, MadeThing } from "./destination.ts";
import type { Call, Outcome, Sender } from "./sending.ts";

/** An organization that is to stand no more. */
export interface MadeOrganization extends MadeThing {
  /** That it was made under. */
  externalId: string;
  /** Asked of the one that stands, right before: how it ends without a removal; null where nothing is in the way. */
  endsOtherwise: (id: string, call: Call) => Promise<Outcome | null>;
}

/** An organization as the destination holds it, as far as Spillway compares it. */
export interface FoundOrganization {
  id: string;
  externalId: string | null;
  name: string;
  /** Those that are verified now. */
  verifiedDomains: readonly string[];
}

/** Found again by external id. */
export interface Organizations extends Sender<OrganizationRecord> {
  /** Deletes organizations, and whatever belongs to them; absent where a destination cannot. */
  readonly removals?: Sender<MadeOrganization>;
  readonly holdings?: Holdings<FoundOrganization>;
  /** Its id; null when it is not there. */
  find(externalId: string): Promise<Answer<string | null>>;
  /** The same by its id, whatever its external id is by now. */
  findById(id: string): Promise<Answer<string | null>>;
}

/** A role as the destination holds it; its id is the slug. */
export interface FoundRole extends Omit<RoleRecord, "slug"> {
  id: string;
}

/** Found again by slug; `destinationId` is the slug. */
export interface Roles extends Sender<RoleRecord> {
  readonly holdings?: Holdings<FoundRole>;
  /** Slugs of all that stand, whoever made them. */
  list(): Promise<Answer<string[]>>;
}

/** The code of a membership that is refused because one of the two is not there. */
export const USER_OR_ORGANIZATION_MISSING = "user_or_organization_missing";

/** A membership as the destination holds it, as far as Spillway compares it. */
export interface FoundMember {
  /** Of the person, at the destination. */
  userId: string;
  /** Our key of the person; null for somebody without one. */
  userExternalId: string | null;
  status: "active" | "inactive" | "pending";
  /** Slugs, in no order that tells anything. */
  roles: readonly string[];
}

export interface MembershipPage {
  members: FoundMember[];
  /** Rows that cannot be read, by their id at the destination; "unknown" where not even that can be read. */
  unreadable: string[];
  /** Where the next page starts; null at the end. */
  nextCursor: string | null;
}

/** A membership that stands, and its roles. */
export interface MembershipChange extends MembershipRecord, WrittenRoles {
  destinationId: string;
  /** Fingerprint of what is to stand. */
  planned: string;
  changedThere: "keep" | "overwrite";
}

/** A membership that is to stand no more. */
export type MadeMembership = MadeThing & Pick<MembershipRecord, "userId" | "organizationId">;

/** One for each person and organization; one that is there already stays as it is. */
export interface Memberships extends Sender<MembershipRecord> {
  /** Absent where a destination cannot. */
  readonly updates?: Sender<MembershipChange>;
  readonly removals?: Sender<MadeMembership>;
  /** Of one organization, whatever their status; none for an organization that is not there. */
  list(organizationId: string, cursor: string | null): Promise<Answer<MembershipPage>>;
  /** Whatever its status; null when it, the person or the organization is not there. */
  find(userId: string, organizationId: string): Promise<Answer<FoundMember | null>>;
}
