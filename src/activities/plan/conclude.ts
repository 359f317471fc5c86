import type { Counters } from "../../ledger/cursors.ts";
import { type Finding, replaceFindings } from "../../ledger/findings.ts";
import type { Blocked } from "../../workflows/contract.ts";
import { blocked } from "../blocked.ts";
import { Tally } from "../tally.ts";
import { OVER_PREFIX } from "./check-record.ts";
import { type Planning, slice } from "./planning.ts";

const OVER_LIMIT = "attribute_over_limit";
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
  const findings = [...overLimit(tally, attributesOverLimit === "drop"), ...warnings(tally)];
  await slice(planning, (tx) => replaceFindings(tx, migrationId, generation, "plan", findings));
  const blockers = findings.filter((finding) => finding.severity === "blocker");
  if (blockers.length === 0 || dryRun || accepted.includes(OVER_LIMIT)) return null;
  return blocked(OVER_LIMIT, { detail: blockers.map((finding) => finding.sentence).join(" ") });
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
