import type { FoundMember } from "../../destinations/structure.ts";
import type { Counters } from "../../ledger/cursors.ts";
import type { Finding } from "../../ledger/findings.ts";
import type { WrittenMembership } from "../../ledger/verification.ts";
import { hashOf } from "../../plan/hash.ts";
import { Tally } from "../tally.ts";

const MAX_EXAMPLES = 2;
const MISSING = "missing";
const DIFFERS = "differs";

/** Counts a membership that is gone, or not as it was written. */
export function countMember(
  written: Pick<WrittenMembership, "sub" | "roles" | "recordHash">,
  found: FoundMember | null,
  tally: Tally,
): void {
  if (found === null) tally.addWithExample(MISSING, written.sub, MAX_EXAMPLES);
  else if (found.status !== "active" || hasOtherRoles(written, found))
    tally.addWithExample(DIFFERS, written.sub, MAX_EXAMPLES);
}

/**
 * Whoever was given no role has the destination's default, and roles that changed in Cognito since say nothing about
 * what was written: neither is compared.
 */
function hasOtherRoles(
  { roles, recordHash }: Pick<WrittenMembership, "roles" | "recordHash">,
  found: FoundMember,
): boolean {
  if (roles.length === 0 || hashOf(JSON.stringify(roles)) !== recordHash) return false;
  return roles.toSorted().join(" ") !== found.roles.toSorted().join(" ");
}

/** What several walks counted. */
export function findingsOfMemberships(walks: readonly Counters[]): Omit<Finding, "phase">[] {
  const tallies = walks.map((counters) => new Tally(counters));
  const total = (name: string) => tallies.reduce((sum, tally) => sum + tally.get(name), 0);
  const examples = (name: string) =>
    tallies
      .flatMap((tally) => tally.examples(name))
      .slice(0, MAX_EXAMPLES)
      .join(", ");
  const findings: Omit<Finding, "phase">[] = [];
  if (total(MISSING) > 0)
    findings.push({
      severity: "warning",
      code: "membership_missing",
      subject: "memberships",
      sentence: `${total(MISSING)} memberships that Spillway made are not there any more (for example of ${examples(MISSING)}); somebody removed them since, and Spillway does not make them again.`,
    });
  if (total(DIFFERS) > 0)
    findings.push({
      severity: "warning",
      code: "membership_differs",
      subject: "memberships",
      sentence: `${total(DIFFERS)} memberships are not active, or hold other roles than were written (for example of ${examples(DIFFERS)}); somebody changed them since, or they were there before.`,
    });
  return findings;
}
