import { type BlockedCode, blocked } from "../../domain/blocked.ts";
import type { Blocked } from "../../domain/contract.ts";
import { type Draft, finding, toldTogether } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import { Tally } from "../../engine/tally.ts";
import type { Counters } from "../../ledger/cursors.ts";
import { replaceFindings } from "../../ledger/findings.ts";
import { DISABLED_SINCE, MAILED_BEFORE, OTHER_ADDRESS } from "../../plan/counters.ts";
import { NO_RESET_PREFIX } from "../resets/plan-resets.ts";
import { canaryWithoutMail } from "./canary.ts";
import { OVER_PREFIX } from "./check-record.ts";
import {
  DELETED_KEPT,
  DELETED_REMOVED,
  DELETED_UNKNOWN,
  DISABLED_REMOVED,
  MEMBERSHIPS_REMOVED,
} from "./counters-of-plan.ts";
import { MAILED, UNDECIDED_RESETS } from "./decide-users.ts";
import { organizationFindings } from "./organization-findings.ts";
import { peopleOfProviders } from "./people-of-providers.ts";
import { ORGANIZATION_PREFIX, WITHOUT_ORGANIZATION } from "./plan-memberships.ts";
import { type Planning, slice } from "./planning.ts";
import { strangers } from "./strangers.ts";

/**
 * Blockers of the plan, each of which parks under its own code. Nobody can go on with what cannot be accepted, so that
 * comes first.
 */
const PARKING: readonly { code: BlockedCode & Draft["code"]; mayBeAccepted: boolean }[] = [
  { code: "organization_refused", mayBeAccepted: false },
  { code: "resets_undecided", mayBeAccepted: false },
  { code: "organization_renamed", mayBeAccepted: true },
  { code: "canary_unmailed", mayBeAccepted: true },
  { code: "people_unknown", mayBeAccepted: true },
  { code: "attribute_over_limit", mayBeAccepted: true },
];

/** The findings of the whole plan; blockers stop the run, unless they were accepted. */
export async function conclude(
  planning: Planning,
  counters: Counters,
  accepted: readonly string[],
): Promise<Blocked | null> {
  const { migrationId, generation } = planning.run;
  const { dryRun, attributesOverLimit } = planning.file;
  const tally = new Tally(counters);
  const findings = [
    ...(await strangers(planning)),
    ...(await canaryWithoutMail(planning)),
    ...overLimit(tally, attributesOverLimit === "drop"),
    ...(await organizationFindings(planning, (problem) => tally.get(`${ORGANIZATION_PREFIX}${problem}`) > 0)),
    ...resets(tally, planning.file),
    ...warnings(tally),
    ...(await peopleOfProviders(planning)),
  ];
  await slice(planning, (tx) => replaceFindings(tx, migrationId, generation, "plan", findings));
  return dryRun ? null : parked(findings, accepted);
}

function parked(findings: readonly Draft[], accepted: readonly string[]): Blocked | null {
  const standing = PARKING.filter(({ code, mayBeAccepted }) => !(mayBeAccepted && accepted.includes(code)));
  const drafts = standing.flatMap(({ code }) => findings.filter((draft) => draft.code === code));
  const first = standing.find(({ code }) => code === drafts[0]?.code);
  return first === undefined ? null : blocked(first.code, { detail: toldTogether(drafts) });
}

function overLimit(tally: Tally, isDropped: boolean): Draft[] {
  return tally.withPrefix(OVER_PREFIX).map(([name, count]) => {
    const [, attribute = "", problem = ""] = /^(.*):([^:]*)$/.exec(name) ?? [];
    const examples = tally.examples(`${OVER_PREFIX}${name}`);
    return finding(isDropped ? "attribute_dropped" : "attribute_over_limit", {
      count,
      examples,
      attribute,
      problem,
    });
  });
}

/** Who would be mailed and who not; and whom the file has to choose for. */
function resets(tally: Tally, { passwordResets }: Migration): Draft[] {
  if (!passwordResets.send) return [];
  const others = tally.withPrefix(NO_RESET_PREFIX);
  const undecided = counted(tally, UNDECIDED_RESETS);
  return [
    finding("reset_mails", { mailed: tally.get(MAILED), before: tally.get(MAILED_BEFORE), others }),
    ...(undecided.count > 0 ? [finding("resets_undecided", undecided)] : []),
  ];
}

function warnings(tally: Tally): Draft[] {
  const broken = tally.get("identities_broken");
  const alone = counted(tally, WITHOUT_ORGANIZATION);
  return [
    ...(broken > 0 ? [finding("identities_broken", { count: broken })] : []),
    ...(alone.count > 0 ? [finding("without_organization", alone)] : []),
    ...changedSince(tally),
  ];
}

/** What changed since people were imported. */
function changedSince(tally: Tally): Draft[] {
  const told = (
    [DISABLED_SINCE, DISABLED_REMOVED, DELETED_REMOVED, DELETED_KEPT, DELETED_UNKNOWN, OTHER_ADDRESS] as const
  )
    .map((code) => ({ code, ...counted(tally, code) }))
    .filter(({ count }) => count > 0)
    .map(({ code, ...people }) => finding(code, people));
  const count = tally.get(MEMBERSHIPS_REMOVED);
  return count === 0 ? told : [...told, finding(MEMBERSHIPS_REMOVED, { count })];
}

function counted(tally: Tally, name: string): { count: number; examples: readonly string[] } {
  return { count: tally.get(name), examples: tally.examples(name) };
}
