/** What a destination is to hold, and what it holds, in words of no vendor. */

import type { PlacedKind } from "./books.ts";

/** One person as the destination is to hold them. `externalId` is Cognito's `sub`: the idempotency key. */
export interface UserRecord {
  externalId: string;
  /** Trimmed and in small letters, both in ASCII alone. */
  email: string;
  emailVerified: boolean;
  firstName: string | null;
  lastName: string | null;
  metadata: Readonly<Record<string, string>>;
}

/** What the destination holds, as far as Spillway compares it. */
export interface DestinationUser extends Omit<UserRecord, "externalId"> {
  id: string;
  externalId: string | null;
  createdAtMs: number;
  /** When it was changed last, whatever of it; the same as `createdAtMs` where it is as it was created. */
  changedAtMs: number;
  /** When its owner signed in last; null for somebody who never did, absent where a destination does not tell. */
  lastSignInAtMs?: number | null;
}

/** What the ledger keeps of an account beside its id, where it is not as it was created. */
export interface UserDetails {
  /** The change that was our own, by the destination's clock: a later one is somebody else's. */
  changedAtMs: number;
}

/** What the ledger keeps of a membership beside its id, where it was written without roles. */
export interface MembershipDetails {
  /** Those that the destination gave it. */
  roles: readonly string[];
}

/** A value that the destination would refuse, and whose attribute it is. */
export interface RecordProblem {
  attribute: string;
  /** What is wrong, without the value, for example "longer than 600 characters". */
  problem: string;
}

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
  /** Of one that an earlier run may have made, maybe with other roles; absent of others. */
  earlier?: WrittenRoles;
}

/** The roles that a membership was given last, as far as that is known. */
export interface WrittenRoles {
  /** Fingerprint; null where nothing was written. */
  written: string | null;
  /** Where it was written without roles: those that the destination gave it; null where that is not known. */
  defaultRoles: readonly string[] | null;
}

/** The part of a destination that says what it would refuse, without the values. */
export interface KnowsStructure {
  /** For example "its name is longer than 100 characters". */
  organizationProblems(record: OrganizationRecord): string[];
  roleProblems(record: RoleRecord): string[];
}

export interface KnowsRecords {
  recordProblems(record: UserRecord): RecordProblem[];
}

/** What is to stand at the destination beside people. */
export interface PlannedObject {
  kind: Exclude<PlacedKind, "user">;
  key: string;
  /** What it is to be; holds no secret. */
  data: Readonly<Record<string, unknown>>;
}

/** One person in one organization, as planned. */
export interface PlannedMembership {
  /** Of the account that stands for the person. */
  sub: string;
  /** The organization's key. */
  organization: string;
  /** Slugs, the most important first. */
  roles: readonly string[];
}
