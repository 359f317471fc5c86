import type { Answer } from "./destination.ts";
import type { Attempt, SendOutcome } from "./sending.ts";

/** What people belong to at a destination, and what they may do there. */

export interface OrganizationRecord {
  /** Our key: unique at the destination. */
  externalId: string;
  name: string;
  /** Domains whose every user the organization rules over: only ever what the operator named. */
  verifiedDomains: readonly string[];
}

export interface RoleRecord {
  slug: string;
  name: string;
  description: string;
  /** Slugs; the role gets them beside those it has. */
  permissions: readonly string[];
}

export interface MembershipRecord {
  userId: string;
  organizationId: string;
  /** Slugs, the most important first; empty for the destination's own default. */
  roles: readonly string[];
}

/** A membership as the destination holds it, as far as Spillway compares it. */
export interface FoundMember {
  /** Our key of the person; null for somebody without one. */
  userExternalId: string | null;
  status: "active" | "inactive" | "pending";
  /** Slugs, in no order that tells anything. */
  roles: readonly string[];
}

export interface MembershipPage {
  members: FoundMember[];
  /** Where the next page starts; null at the end. */
  nextCursor: string | null;
}

/** Whatever is sent is safe to repeat: what leaves doubt is looked up, never guessed from a code. */
export interface StructureSender {
  /** Found again by `externalId`. */
  organization(record: OrganizationRecord, attempt: Attempt): Promise<SendOutcome>;
  /** Found again by slug; `destinationId` is the slug. */
  role(record: RoleRecord, attempt: Attempt): Promise<SendOutcome>;
  /** One for each person and organization; one that is there already stays as it is. */
  membership(record: MembershipRecord, attempt: Attempt): Promise<SendOutcome>;
  /** Of one organization, whatever their status; none for an organization that is not there. */
  listMemberships(organizationId: string, cursor: string | null): Promise<Answer<MembershipPage>>;
  /** Whatever its status; null when it, the person or the organization is not there. */
  findMembership(userId: string, organizationId: string): Promise<Answer<FoundMember | null>>;
  /** What the destination would refuse, without the values, for example "its name is longer than 100 characters". */
  organizationProblems(record: OrganizationRecord): string[];
  roleProblems(record: RoleRecord): string[];
}
