import type { FoundMember } from "../../destinations/structure.ts";
import { type Draft, finding } from "../../domain/findings.ts";
import type { PlannedMembership } from "../../domain/records.ts";
import { Tally } from "../../engine/tally.ts";
import type { Counters } from "../../ledger/cursors.ts";
import type { WrittenMembership } from "../../ledger/verification.ts";
import { UNREADABLE } from "./confirm-misses.ts";

export const MAX_EXAMPLES = 2;
/** Counter of organizations that are not there any more. */
export const GONE = "organization_gone";
const MISSING = "missing";
const DIFFERS = "differs";

/** Counts a membership that is gone, or not as it was written. */
export function countMember(written: WrittenMembership, found: FoundMember | null, tally: Tally): void {
  // Written by the plan only.
  const { sub, roles } = JSON.parse(written.data) as PlannedMembership;
  if (found === null) tally.addWithExample(MISSING, sub, MAX_EXAMPLES);
  else if (found.status !== "active" || hasOtherRoles(written, roles, found))
    tally.addWithExample(DIFFERS, sub, MAX_EXAMPLES);
}

/**
 * Whoever was given no role has the destination's default, and roles that changed in Cognito since say nothing about
 * what was written: neither is compared.
 */
function hasOtherRoles(
  { planned, fingerprint }: WrittenMembership,
  roles: readonly string[],
  found: FoundMember,
): boolean {
  if (roles.length === 0 || (fingerprint !== null && planned !== fingerprint)) return false;
  return roles.toSorted().join(" ") !== found.roles.toSorted().join(" ");
}

/** What several walks counted. */
export function findingsOfMemberships(walks: readonly Counters[]): Draft[] {
  const tallies = walks.map((counters) => new Tally(counters));
  const counted = (name: string) => ({
    count: tallies.reduce((sum, tally) => sum + tally.get(name), 0),
    examples: tallies.flatMap((tally) => tally.examples(name)).slice(0, MAX_EXAMPLES),
  });
  const [missing, differing] = [counted(MISSING), counted(DIFFERS)];
  const gone = counted(GONE);
  const unreadable = counted(UNREADABLE);
  return [
    ...(unreadable.count > 0
      ? [finding("unreadable_at_destination", { rows: "memberships", ...unreadable })]
      : []),
    ...(gone.count > 0 ? [finding("organization_gone", gone)] : []),
    ...(missing.count > 0 ? [finding("membership_missing", missing)] : []),
    ...(differing.count > 0 ? [finding("membership_differs", differing)] : []),
  ];
}
