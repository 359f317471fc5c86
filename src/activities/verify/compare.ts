import { type Draft, finding } from "../../domain/findings.ts";
import type { DestinationUser, KnowsRecords } from "../../domain/records.ts";
import type { Tally } from "../../engine/tally.ts";
import type { WrittenUser } from "../../ledger/verification.ts";
import { fieldsOtherThan } from "../../plan/fingerprint.ts";
import { fieldsOf, recordFingerprint } from "../../plan/record.ts";
import { sendableRecord } from "../../plan/sendable-record.ts";
import { UNREADABLE } from "./confirm-misses.ts";
import { MAX_EXAMPLES, type Told } from "./told.ts";
import type { Verifying } from "./verifying.ts";

const DIFFERS = "differs:";
const UNEXPECTED = "unexpected";
const DELETED = "deleted";
/** Counter of accounts that carry no sub of the pool. */
export const STRANGERS = "strangers";
const PURGED = "purged";

interface Comparing extends Pick<Verifying, "file"> {
  destination: KnowsRecords;
}

/** Tells how an account differs from what was written. False for someone who was not imported. */
export function compare(
  comparing: Comparing,
  item: WrittenUser,
  found: DestinationUser | undefined,
  told: Told,
): boolean {
  if (found === undefined) return false;
  const { sub, placed } = item;
  if (placed === undefined || placed.state === "in_doubt") {
    told.count(UNEXPECTED, sub);
    told.row("user", sub, "surplus");
    return false;
  }
  if (!item.isListed) told.count(DELETED, sub);
  if (placed.fingerprint === null && item.isPurged) {
    told.count(PURGED, sub);
    return true;
  }
  const written = placed.fingerprint ?? presentFingerprint(comparing, item);
  // Nothing that is absent was written into an account that was there: it keeps what stands in it.
  const nulls = placed.how === "created";
  for (const name of fieldsOtherThan(written, fieldsOf(found), { nulls })) {
    const field = FIELD_WORDS[name] ?? name;
    told.count(`${DIFFERS}${field}`, sub);
    told.row("user", sub, "differs", field);
  }
  return true;
}

/** Of an account that was there: what Cognito says of the person now. */
function presentFingerprint({ destination, file }: Comparing, { sub, attributes }: WrittenUser): string {
  return recordFingerprint(sendableRecord(destination, file, sub, attributes).record);
}

/** As reports name the fields of a fingerprint. */
const FIELD_WORDS: Readonly<Record<string, string>> = {
  emailVerified: "email_verified",
  firstName: "first_name",
  lastName: "last_name",
};

/** Of somebody whose account stands, and whose key somebody gave to another one. */
export function tellGivenAway({ sub, isListed }: WrittenUser, told: Told): true {
  if (!isListed) told.count(DELETED, sub);
  tellKey(sub, told);
  return true;
}

/** The same of one that only a look-up by its id found, as nothing has its key now. */
export function compareMissed(
  comparing: Comparing,
  item: WrittenUser,
  found: DestinationUser,
  told: Told,
): void {
  compare(comparing, item, found, told);
  if (found.externalId !== item.sub) tellKey(item.sub, told);
}

function tellKey(sub: string, told: Told): void {
  told.count(`${DIFFERS}external_id`, sub);
  told.row("user", sub, "differs", "external_id");
}

/** What the listing counted, and the look-ups of those that it did not show. */
export function findingsOf(listed: Tally, missed: Tally): Draft[] {
  const tallies = [listed, missed];
  const counted = (name: string) => ({
    count: tallies.reduce((sum, tally) => sum + tally.get(name), 0),
    examples: tallies.flatMap((tally) => tally.examples(name)).slice(0, MAX_EXAMPLES),
  });
  const fields = new Set(tallies.flatMap((tally) => tally.withPrefix(DIFFERS)).map(([field]) => field));
  const unreadable = counted(UNREADABLE);
  const unexpected = counted(UNEXPECTED);
  const deleted = counted(DELETED);
  const strangers = listed.get(STRANGERS);
  const purged = counted(PURGED);
  return [
    ...(unreadable.count > 0
      ? [finding("unreadable_at_destination", { rows: "accounts", ...unreadable })]
      : []),
    ...(unexpected.count > 0 ? [finding("unexpected_at_destination", unexpected)] : []),
    ...(deleted.count > 0 ? [finding("deleted_after_import", deleted)] : []),
    ...(purged.count > 0 ? [finding("purged_not_compared", purged)] : []),
    ...[...fields].map((field) =>
      finding("differs_at_destination", { field, ...counted(`${DIFFERS}${field}`) }),
    ),
    ...(strangers > 0 ? [finding("strangers_at_destination", { rows: "accounts", count: strangers })] : []),
  ];
}
