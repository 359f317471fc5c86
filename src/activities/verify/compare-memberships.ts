import type { FoundMember } from "../../destinations/structure.ts";
import { type Draft, finding } from "../../domain/findings.ts";
import { Tally } from "../../engine/tally.ts";
import type { Counters } from "../../ledger/cursors.ts";
import type { FoundDifference } from "../../ledger/differences.ts";
import type { WrittenMembership } from "../../ledger/verification.ts";
import { membershipOf } from "../../plan/keys.ts";
import { areAsWritten, isDefaultWritten, writtenRoles } from "../../plan/written-roles.ts";
import { UNREADABLE } from "./confirm-misses.ts";
import { MAX_EXAMPLES, type Told } from "./told.ts";

const MISSING = "missing";
const DIFFERS = "differs";
/** Counter of members whom nobody here made. */
export const SURPLUS = "surplus";

/** Tells of a membership that is gone, or not as it was written. */
export function tellMember(written: WrittenMembership, found: FoundMember | null, told: Told): void {
  const { key } = written;
  const { sub } = membershipOf(key);
  if (found === null) {
    told.count(MISSING, sub);
    return;
  }
  const fields = [
    ...(found.status === "active" ? [] : ["status"]),
    ...(hasOtherRoles(written, found) ? ["roles"] : []),
  ];
  if (fields.length > 0) told.count(DIFFERS, sub);
  for (const field of fields) told.row("membership", key, "differs", field);
}

/** Somebody is a member of an organization that this migration made, and nobody here made them one. */
export function surplusMember(key: string): FoundDifference {
  return { kind: "membership", key, difference: "surplus", field: "" };
}

/** Whoever was given no role has the destination's default, where that is known; what was there before is not compared. */
function hasOtherRoles(item: WrittenMembership, { roles }: FoundMember): boolean {
  const known = writtenRoles(item);
  if (known.written === null || areAsWritten(roles, known)) return false;
  return known.defaultRoles !== null || !isDefaultWritten(known.written);
}

/** What several walks counted. */
export function findingsOfMemberships(walks: readonly Counters[]): Draft[] {
  const tallies = walks.map((counters) => new Tally(counters));
  const counted = (name: string) => ({
    count: tallies.reduce((sum, tally) => sum + tally.get(name), 0),
    examples: tallies.flatMap((tally) => tally.examples(name)).slice(0, MAX_EXAMPLES),
  });
  const [missing, differing] = [counted(MISSING), counted(DIFFERS)];
  const surplus = counted(SURPLUS);
  const unreadable = counted(UNREADABLE);
  return [
    ...(unreadable.count > 0
      ? [finding("unreadable_at_destination", { rows: "memberships", ...unreadable })]
      : []),
    ...(missing.count > 0 ? [finding("membership_missing", missing)] : []),
    ...(differing.count > 0 ? [finding("membership_differs", differing)] : []),
    ...(surplus.count > 0 ? [finding("membership_surplus", surplus)] : []),
  ];
}
