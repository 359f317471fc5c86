import type { Migration } from "../../domain/migration.ts";
import { ownValue } from "../../domain/own-value.ts";
import type { Tally } from "../../engine/tally.ts";
import type { PlannedUser } from "../../ledger/plan.ts";
import { recordFingerprint } from "../../plan/record.ts";
import { sendableRecord } from "../../plan/sendable-record.ts";
import type { Planning } from "./planning.ts";

/** Counters of values that the destination would refuse: `over:<attribute>:<problem>`. */
export const OVER_PREFIX = "over:";

/** The fingerprint of the record as it will be sent; values that will be left out are counted by attribute. */
export function plannedFingerprint(
  { file, destination }: Planning,
  user: PlannedUser,
  tally: Tally,
  maxExamples: number,
): string {
  const { record, problems } = sendableRecord(destination, file, user.sub, user.attributes);
  for (const { attribute, problem } of problems)
    tally.addWithExample(`${OVER_PREFIX}${sourceName(file, attribute)}:${problem}`, user.sub, maxExamples);
  return recordFingerprint(record);
}

/** The fingerprint of their record as the source has it now, whoever sends it. */
export function presentFingerprint({ file, destination }: Planning, user: PlannedUser): string {
  return recordFingerprint(sendableRecord(destination, file, user.sub, user.attributes).record);
}

/** The Cognito attribute behind a field of the record. */
function sourceName({ attributes }: Migration, field: string): string {
  const mapped = Object.entries(attributes).find(([, key]) => key === field);
  const own: Record<string, string> = { firstName: "given_name", lastName: "family_name", externalId: "sub" };
  return mapped?.[0] ?? ownValue(own, field) ?? field;
}
