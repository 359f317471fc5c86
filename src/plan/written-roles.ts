import type { MembershipDetails, WrittenRoles } from "../domain/records.ts";
import { mayBeWritten } from "./fingerprint.ts";

/** What is known of the roles that a membership was given last. Pure. */
export function writtenRoles({
  fingerprint,
  details,
}: {
  fingerprint: string | null;
  /** JSON, written by the senders of memberships only; null without. */
  details: string | null;
}): WrittenRoles {
  const given = details === null ? null : (JSON.parse(details) as MembershipDetails);
  return { written: fingerprint, defaultRoles: given?.roles ?? null };
}

/** Whether these may be the roles that were written, or that the destination gave in their place. Pure. */
export function areAsWritten(roles: readonly string[], { written, defaultRoles }: WrittenRoles): boolean {
  if (mayBeWritten(written, "roles", roles)) return true;
  return isDefaultWritten(written) && defaultRoles !== null && areSameRoles(roles, defaultRoles);
}

/** Whether it may have been written without roles: it has the destination's default then. Pure. */
export function isDefaultWritten(written: string | null): boolean {
  return mayBeWritten(written, "roles", []);
}

export function areSameRoles(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join(" ") === other.toSorted().join(" ");
}
