import type { DestinationUser, UserRecord } from "../../destinations/destination.ts";
import type { Finding } from "../../ledger/findings.ts";
import type { WrittenUser } from "../../ledger/verification.ts";
import { recordHash } from "../../plan/record.ts";
import { sendableRecord } from "../record.ts";
import type { Tally } from "../tally.ts";
import type { Verifying } from "./verifying.ts";

const MAX_EXAMPLES = 2;
const DIFFERS = "differs:";
const UNEXPECTED = "unexpected";

/** Counts how an account differs from what was written. False for someone who was not imported. */
export function compare(
  { destination, file }: Verifying,
  item: WrittenUser,
  found: DestinationUser | undefined,
  tally: Tally,
): boolean {
  if (found === undefined) return false;
  if (item.state !== "done") {
    tally.addWithExample(UNEXPECTED, item.sub, MAX_EXAMPLES);
    return false;
  }
  const { record } = sendableRecord(destination, file, item.sub, item.attributes);
  // A source user who changed since says nothing about what was written.
  if (recordHash(record) !== item.recordHash) tally.add("not_comparable", 1);
  else
    for (const field of differences(record, found))
      tally.addWithExample(`${DIFFERS}${field}`, item.sub, MAX_EXAMPLES);
  return true;
}

/** The fields in which the destination does not hold what was written. */
function differences(record: UserRecord, found: DestinationUser): string[] {
  const fields: string[] = [];
  if (found.email.toLowerCase() !== record.email) fields.push("email");
  if (found.emailVerified !== record.emailVerified) fields.push("email_verified");
  if (found.firstName !== record.firstName) fields.push("first_name");
  if (found.lastName !== record.lastName) fields.push("last_name");
  for (const [key, value] of Object.entries(record.metadata))
    if (found.metadata[key] !== value) fields.push(`metadata.${key}`);
  return fields;
}

export function findingsOf(tally: Tally): Omit<Finding, "phase">[] {
  const findings: Omit<Finding, "phase">[] = [];
  const unexpected = tally.get(UNEXPECTED);
  if (unexpected > 0)
    findings.push({
      severity: "warning",
      code: "unexpected_at_destination",
      subject: "users",
      sentence: `${unexpected} users who were not imported have an account with their key at the destination (for example ${tally.examples(UNEXPECTED).join(", ")}); look at them before people sign in.`,
    });
  for (const [field, count] of tally.withPrefix(DIFFERS))
    findings.push({
      severity: "warning",
      code: "differs_at_destination",
      subject: field,
      sentence: `${count} accounts hold another ${field} than was written (for example ${tally.examples(`${DIFFERS}${field}`).join(", ")}); somebody changed them since, or they were there before.`,
    });
  return findings;
}
