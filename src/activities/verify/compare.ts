import { type Draft, finding } from "../../domain/findings.ts";
import type { DestinationUser, KnowsRecords, UserRecord } from "../../domain/records.ts";
import type { Tally } from "../../engine/tally.ts";
import type { WrittenUser } from "../../ledger/verification.ts";
import { normalizeEmail } from "../../plan/normalize.ts";
import { recordFingerprint } from "../../plan/record.ts";
import { sendableRecord } from "../../plan/sendable-record.ts";
import { UNREADABLE } from "./confirm-misses.ts";
import type { Verifying } from "./verifying.ts";

const MAX_EXAMPLES = 2;
const DIFFERS = "differs:";
const UNEXPECTED = "unexpected";
const DELETED = "deleted";

interface Comparing extends Pick<Verifying, "file"> {
  destination: KnowsRecords;
}

/** Counts how an account differs from what was written. False for someone who was not imported. */
export function compare(
  { destination, file }: Comparing,
  item: WrittenUser,
  found: DestinationUser | undefined,
  tally: Tally,
): boolean {
  if (found === undefined) return false;
  const { placed } = item;
  if (placed === undefined || placed.state === "in_doubt") {
    tally.addWithExample(UNEXPECTED, item.sub, MAX_EXAMPLES);
    return false;
  }
  if (!item.isListed) tally.addWithExample(DELETED, item.sub, MAX_EXAMPLES);
  const { record } = sendableRecord(destination, file, item.sub, item.attributes);
  // A source user who changed since says nothing about what was written.
  if (placed.fingerprint !== null && recordFingerprint(record) !== placed.fingerprint)
    tally.add("not_comparable", 1);
  else
    for (const field of differences(record, found, placed.how === "created"))
      tally.addWithExample(`${DIFFERS}${field}`, item.sub, MAX_EXAMPLES);
  return true;
}

/** Of somebody whose account stands, and whose key somebody gave to another one. */
export function countGivenAway(item: WrittenUser, tally: Tally): true {
  if (!item.isListed) tally.addWithExample(DELETED, item.sub, MAX_EXAMPLES);
  tally.addWithExample(`${DIFFERS}external_id`, item.sub, MAX_EXAMPLES);
  return true;
}

/**
 * The fields in which the destination does not hold what was written. A name that is absent was written only where the
 * account was made: an adoption leaves the one that stands there.
 */
function differences(record: UserRecord, found: DestinationUser, isMade: boolean): string[] {
  const isOther = (wanted: string | null, standing: string | null) =>
    wanted !== standing && (isMade || wanted !== null);
  const fields: string[] = [];
  if (normalizeEmail(found.email) !== record.email) fields.push("email");
  if (found.emailVerified !== record.emailVerified) fields.push("email_verified");
  if (isOther(record.firstName, found.firstName)) fields.push("first_name");
  if (isOther(record.lastName, found.lastName)) fields.push("last_name");
  for (const [key, value] of Object.entries(record.metadata))
    if (found.metadata[key] !== value) fields.push(`metadata.${key}`);
  return fields;
}

/** What the listing counted, and the look-ups of those that it did not show. */
export function findingsOf(listed: Tally, missed: Tally): Draft[] {
  const counted = (name: string, tally = listed) => ({
    count: tally.get(name),
    examples: tally.examples(name),
  });
  const unreadable = counted(UNREADABLE, missed);
  const unexpected = counted(UNEXPECTED);
  const deleted = counted(DELETED);
  return [
    ...(unreadable.count > 0
      ? [finding("unreadable_at_destination", { rows: "accounts", ...unreadable })]
      : []),
    ...(unexpected.count > 0 ? [finding("unexpected_at_destination", unexpected)] : []),
    ...(deleted.count > 0 ? [finding("deleted_after_import", deleted)] : []),
    ...listed
      .withPrefix(DIFFERS)
      .map(([field]) => finding("differs_at_destination", { field, ...counted(`${DIFFERS}${field}`) })),
  ];
}
