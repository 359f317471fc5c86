import type { Counters } from "../../ledger/cursors.ts";
import { type Finding, replaceFindings } from "../../ledger/findings.ts";
import type { Migration } from "../../migration.ts";
import type { Blocked } from "../../workflows/contract.ts";
import { blocked } from "../blocked.ts";
import { NO_RESET_PREFIX } from "../resets/plan-resets.ts";
import { Tally } from "../tally.ts";
import { OVER_PREFIX } from "./check-record.ts";
import { MAILED, UNDECIDED_RESETS } from "./decide-users.ts";
import { peopleOfProviders } from "./people-of-providers.ts";
import { ORGANIZATION_PREFIX, WITHOUT_ORGANIZATION } from "./plan-memberships.ts";
import { type Planning, slice } from "./planning.ts";

const OVER_LIMIT = "attribute_over_limit";
const REFUSED = "organization_refused";
const UNDECIDED = "resets_undecided";
const CODES = [OVER_LIMIT, REFUSED, UNDECIDED] as const;
const OVER_LIMIT_ADVICE =
  'resume with {"accept": ["attribute_over_limit"]} drops it, or cancel the run, change "attributes" and start again';

type Draft = Omit<Finding, "phase">;

/** The findings of the whole plan; values that would be refused stop the run, unless they may be dropped. */
export async function conclude(
  planning: Planning,
  counters: Counters,
  accepted: readonly string[],
): Promise<Blocked | null> {
  const { migrationId, generation } = planning.run;
  const { dryRun, attributesOverLimit } = planning.file;
  const tally = new Tally(counters);
  const findings = [
    ...overLimit(tally, attributesOverLimit === "drop"),
    ...organizations(tally),
    ...resets(tally, planning.file),
    ...warnings(tally),
    ...(await peopleOfProviders(planning)),
  ];
  await slice(planning, (tx) => replaceFindings(tx, migrationId, generation, "plan", findings));
  if (dryRun) return null;
  const standing = findings.filter(
    ({ severity, code }) => severity === "blocker" && !(code === OVER_LIMIT && accepted.includes(OVER_LIMIT)),
  );
  // Nobody can go on with an organization that cannot be made, so that comes first.
  const [first] = standing.toSorted((a, b) => Number(a.code === OVER_LIMIT) - Number(b.code === OVER_LIMIT));
  if (first === undefined) return null;
  const code = CODES.find((one) => one === first.code) ?? REFUSED;
  const detail = standing.map((finding) => finding.sentence).join(" ");
  return blocked(code, { detail });
}

/** Organizations that the destination would refuse, by what is wrong with them. */
function organizations(tally: Tally): Draft[] {
  return tally.withPrefix(ORGANIZATION_PREFIX).map(([problem, count]) => ({
    severity: "blocker",
    code: REFUSED,
    subject: problem,
    sentence: `${count} memberships are in organizations that the destination would refuse: ${problem} (for example of ${tally.examples(`${ORGANIZATION_PREFIX}${problem}`).join(", ")}); give them a name and an externalId in "organizations.named", cancel the run and start again.`,
  }));
}

function overLimit(tally: Tally, isDropped: boolean): Draft[] {
  return tally.withPrefix(OVER_PREFIX).map(([name, count]) => {
    const [, attribute = "", problem = ""] = /^(.*):([^:]*)$/.exec(name) ?? [];
    const examples = tally.examples(`${OVER_PREFIX}${name}`).join(", ");
    const advice = isDropped ? "it is dropped" : OVER_LIMIT_ADVICE;
    return {
      severity: isDropped ? "warning" : "blocker",
      code: OVER_LIMIT,
      subject: `${attribute} ${problem}`,
      sentence: `${count} users have a value of "${attribute}" that is ${problem} (for example ${examples}); ${advice}.`,
    };
  });
}

/** Who would be mailed and who not; and whom the file has to choose for. */
function resets(tally: Tally, { passwordResets }: Migration): Draft[] {
  if (!passwordResets.send) return [];
  const others = tally.withPrefix(NO_RESET_PREFIX).map(([reason, people]) => `${people} ${reason}`);
  const drafts: Draft[] = [
    {
      severity: "info",
      code: "reset_mails",
      subject: "resets",
      sentence: `${tally.get(MAILED)} people get a reset mail; not: ${others.join(", ") || "nobody else"}.`,
    },
  ];
  const undecided = tally.get(UNDECIDED_RESETS);
  if (undecided > 0)
    drafts.push({
      severity: "blocker",
      code: UNDECIDED,
      subject: "resets",
      sentence: `${undecided} confirmed people have an address that nobody verified (for example ${tally.examples(UNDECIDED_RESETS).join(", ")}); a completed reset would verify it for whoever reads it. Say in "passwordResets.unverified" whether they are to be mailed ("send") or not ("skip"), cancel the run and start again.`,
    });
  return drafts;
}

function warnings(tally: Tally): Draft[] {
  const drafts: Draft[] = [];
  const broken = tally.get("identities_broken");
  if (broken > 0)
    drafts.push({
      severity: "warning",
      code: "identities_broken",
      subject: "identities",
      sentence: `${broken} users have an "identities" attribute that is no JSON list; their links were not used.`,
    });
  const alone = tally.get(WITHOUT_ORGANIZATION);
  if (alone > 0)
    drafts.push({
      severity: "warning",
      code: WITHOUT_ORGANIZATION,
      subject: "users",
      sentence: `${alone} people belong to no organization by the file's rule (for example ${tally.examples(WITHOUT_ORGANIZATION).join(", ")}); they are imported without a membership.`,
    });
  const disabled = tally.get("disabled_after_import");
  if (disabled > 0)
    drafts.push({
      severity: "warning",
      code: "disabled_after_import",
      subject: "users",
      sentence: `${disabled} users were disabled in Cognito after their import (for example ${tally.examples("disabled_after_import").join(", ")}); their accounts at the destination still work: remove them there.`,
    });
  return drafts;
}
