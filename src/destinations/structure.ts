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

/** Each is safe to repeat: whatever leaves doubt is looked up, never guessed from a code. */
export interface StructureSender {
  /** Found again by `externalId`. */
  organization(record: OrganizationRecord, attempt: Attempt): Promise<SendOutcome>;
  /** Found again by slug; `destinationId` is the slug. */
  role(record: RoleRecord, attempt: Attempt): Promise<SendOutcome>;
  /** One for each person and organization; one that is there already stays as it is. */
  membership(record: MembershipRecord, attempt: Attempt): Promise<SendOutcome>;
  /** What the destination would refuse, without the values, for example "its name is longer than 100 characters". */
  organizationProblems(record: OrganizationRecord): string[];
  roleProblems(record: RoleRecord): string[];
}
