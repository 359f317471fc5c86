import type { PlannedUser } from "../../ledger/plan.ts";
import type { Migration } from "../../migration.ts";
import { recordHash } from "../../plan/record.ts";
import { sendableRecord } from "../record.ts";
import type { Tally } from "../tally.ts";
import type { Planning } from "./planning.ts";

/** Counters of values that the destination would refuse: `over:<attribute>:<problem>`. */
export const OVER_PREFIX = "over:";

/** The hash of the record as it will be sent; values that will be left out are counted by attribute. */
export function plannedHash(
  { file, destination }: Planning,
  user: PlannedUser,
  tally: Tally,
  maxExamples: number,
): string {
  const { record, problems } = sendableRecord(destination, file, user.sub, user.attributes);
  for (const { attribute, problem } of problems)
    tally.addWithExample(`${OVER_PREFIX}${sourceName(file, attribute)}:${problem}`, user.sub, maxExamples);
  return recordHash(record);
}

/** The Cognito attribute behind a field of the record. */
function sourceName({ attributes }: Migration, field: string): string {
  const mapped = Object.entries(attributes).find(([, key]) => key === field);
  const own: Record<string, string> = { firstName: "given_name", lastName: "family_name", externalId: "sub" };
  return mapped?.[0] ?? own[field] ?? field;
}
